"""Regions + links -> a graph of crop -> paint -> stitch chains. A pure function: it needs no ComfyUI and no tensors.

ComfyUI caches by the signatures of all ancestors, never by values. So the image and the inpainter go to the children
as links, and each region as one constant text that names nothing upstream: a plan that comes out the same runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from .expand_sampler import Drawing, Painters, drawn
from .graph import Expansion, Link, numbered


@dataclass(frozen=True)
class Chain:
    """One region.

    Attributes:
        json: canonical.
        drawing: how a checkpoint draws it; None: `CIELR_PaintRegion` does it all.
        painter: who does it there: "" the inpainter itself, "inpaint" or "instruct" one of two, None the built-in fill
            (a checkpoint is no painter that can be called: what needs none of its drawing goes without it).
        variants: where there is a choice, the same region by several seeds, all painted on the same image; kept: which
            of them goes on; look: what is told of them, as JSON.
    """

    json: str
    drawing: Drawing | None = None
    painter: str | None = ""
    variants: tuple[Chain, ...] = ()
    kept: int = 0
    look: str = ""


@dataclass(frozen=True)
class Checked:
    """The regions of one action that is looked at when they are painted.

    Attributes:
        turn: the action with its scene, as a constant text.
        variants, kept, look: as of a chain.
    """

    chains: tuple[Chain, ...]
    turn: str
    variants: tuple[Checked, ...] = ()
    kept: int = 0
    look: str = ""


@dataclass(frozen=True)
class Eyes:
    """Links to who looks at what was painted: a PERCEPTION, a language model that takes pictures; None for nobody.

    Attributes:
        first: which of the batch that the eyes are on is the first image here.
    """

    perception: Link | None = None
    llm: Link | None = None
    first: int = 0

    @property
    def links(self) -> dict[str, Link]:
        return {name: link for name, link in (("perception", self.perception), ("llm", self.llm)) if link is not None}


@dataclass(frozen=True)
class Later:
    """What of one image's plan has to wait.

    Attributes:
        texts: a constant text for each stretch; seed: of the whole edit; attempts: at each action, at most.
        variants, choice: of each region, as the Executor's inputs say.
    """

    texts: tuple[str, ...]
    seed: int
    attempts: int = 1
    variants: int = 1
    choice: str = ""

    @property
    def inputs(self) -> dict[str, Any]:
        """What a node that carries a stretch out takes of it, but for its text."""
        inputs: dict[str, Any] = {"seed": self.seed}
        inputs |= {"variants": self.variants} if self.variants > 1 else {}
        return inputs | ({"choice": self.choice} if self.choice else {})


def expand(
    image: Link,
    chains: Sequence[Sequence[Chain | Checked]],
    inpainter: Link | None,
    list_index: int,
    prefix: str,
    notice: str = "",
    stack: bool = True,
    later: Sequence[Later] = (),
    eyes: Eyes | None = None,
    signature: str = "",
    shows: bool = False,
) -> Expansion:
    """One chain for each region of each image of the batch, and collectors for the results.

    Args:
        image: link to the IMAGE; chains: for each image of the batch its regions, those of an action that is looked at
            together.
        inpainter: link to the INPAINTER, or None for the built-in fill.
        list_index: which element of a list of images this call is about.
        prefix: of all ids, so that two expansions never share one.
        notice: what the user should know besides what each step did.
        stack: the images after each region are wanted as one batch; else only what they changed is told.
        later: for each image what of its plan has to wait until something is painted.
        eyes: who looks at what was painted.
        signature: of the inpainter, for the memory of what was painted; "" keeps nothing.
        shows: the last node shows each image before and after, and tells what was changed.
    """
    graph = Expansion(prefix)
    painter = _Painter.of(graph, inpainter, signature)
    eyes = eyes or Eyes()
    starts: list[Link] = []
    finals: list[Link] = []
    steps: list[_Step] = []
    for b, chain in enumerate(chains):
        starts.append([graph.add(f"{b}.image", "CIELR_PickImage", image=image, list_index=list_index, index=b), 0])
        finals.append(_carried_out(graph, painter, b, starts[b], chain, eyes, steps))
    if steps:
        graph.steps = _report(graph, steps, len(chains), notice, stack)
        graph.told = [graph.steps[0], 1]
    if any(rest.texts for rest in later) or any(step.changed for step in steps):
        masks = []
        for b in range(len(chains)):
            own = [step for step in steps if step.batch == b]
            changed = [step.changed for step in own if step.changed]
            if b < len(later):
                finals[b], waiting = _waiting(graph, b, finals[b], later[b], painter, stack, eyes)
                changed += waiting
            masks.append(_changed(graph, b, finals[b], [step.region for step in own if step.region], changed))
        graph.changed = masks[0] if len(masks) == 1 else _collect(graph, "changed", masks)
    graph.result = finals[0] if len(finals) == 1 else _collect(graph, "result", finals)
    graph.steps = graph.steps or graph.result
    if shows:
        _show(graph, starts, finals, painter.looks)
    elif painter.looks:
        graph.looks = [[graph.add("looks", "CIELR_CollectLooks", **_look_links(painter.looks)), 0]]
    return graph


def expand_attempt(
    image: Link,
    action: Checked,
    attempt: int,
    checks: str,
    best: dict[str, Link],
    inpainter: Link | None,
    eyes: Eyes,
    prefix: str,
    signature: str = "",
) -> Expansion:
    """An action painted once more, on the image before it, and looked at.

    Args:
        attempt: which it is, from 1; checks: what was found out about those before it, as JSON.
        best: links to the images after each region of the best of them, best_0000 and so on, and to what is told of it,
            bestnote_0000.
        eyes: `first` is the image itself; the rest as for `expand`.
    """
    graph = Expansion(prefix)
    painter = _Painter.of(graph, inpainter, signature)
    after = painter.painted_one_by_one(str(attempt), image, action.chains)
    check = _check(graph, f"{attempt}.check", image, action, after, painter, eyes, 0, attempt, checks, best)
    graph.result, graph.changed, graph.told, graph.steps = ([check, output] for output in range(4))
    return graph


@dataclass(frozen=True)
class _Step:
    """One region of image `batch`, or one action that is looked at: link to the image after it.

    Attributes:
        before, region, note: links to the image before it, to the region, and to what is told besides; told, changed:
            where it is an action that is looked at, links to all that is told of it, and to where it may have changed
            the image. [] where there is none.
    """

    batch: int
    after: Link
    before: Link = field(default_factory=list)
    region: Link = field(default_factory=list)
    note: Link = field(default_factory=list)
    told: Link = field(default_factory=list)
    changed: Link = field(default_factory=list)

    def links(self, number: int) -> dict[str, Link]:
        """As a collector takes them."""
        named = {"image": self.after, "before": self.before, "region": self.region}
        named |= {"note": self.note, "told": self.told}
        return {f"{name}_{number:04d}": link for name, link in named.items() if link}


@dataclass(frozen=True)
class _Painted:
    """Links to the image after a region, and to what is told besides of how it was painted."""

    image: Link
    note: Link


@dataclass(frozen=True)
class _Painter:
    """Who paints: `painters` are links to what the inpainter holds, where there is one."""

    graph: Expansion
    inpainter: Link | None
    signature: str
    painters: Painters | None
    looks: list[tuple[str, list[Link]]] = field(default_factory=list)

    @classmethod
    def of(cls, graph: Expansion, inpainter: Link | None, signature: str) -> _Painter:
        return cls(graph, inpainter, signature, Painters(graph, inpainter) if inpainter is not None else None)

    @property
    def links(self) -> dict[str, Any]:
        """As nodes that expand take it."""
        more = {"inpainter": self.inpainter} if self.inpainter is not None else {}
        return more | ({"painter": self.signature} if self.signature else {})

    def painted(self, name: str, image: Link, piece: Chain) -> _Painted:
        """The image with one region painted, by the variant that is kept where there are several."""
        if not piece.variants:
            return self._painted_once(name, image, piece)
        # the first has the name of a region without any: it is the same
        names = [f"{name}.v{k}" if k else name for k in range(len(piece.variants))]
        made = [self._painted_once(*each) for each in zip(names, repeat(image), piece.variants, strict=False)]
        self.looks.append((piece.look, [painted.image for painted in made]))
        return made[piece.kept]

    def _painted_once(self, name: str, image: Link, piece: Chain) -> _Painted:
        if piece.drawing is not None and self.inpainter is not None:
            link = self.inpainter
            return _Painted(*drawn(self.graph, name, image, piece.json, piece.drawing, link, self.signature))
        # one of two painters has a signature of its own
        signature = f"{self.signature} {piece.painter}".rstrip() if self.signature else ""
        return _painted(self.graph, name, image, piece.json, self._caller(piece.painter), signature)

    def _caller(self, painter: str | None) -> Link | None:
        """Link to whom `CIELR_PaintRegion` calls; None is the built-in fill."""
        if self.painters is None or painter is None:
            return None
        return [self.painters.unpacked(painter), 4] if painter else self.inpainter

    def painted_one_by_one(self, name: str, image: Link, chains: Sequence[Chain], first: int = 0) -> list[_Painted]:
        """The image after each region, which is painted on what the one before left."""
        after: list[_Painted] = []
        for number, piece in enumerate(chains, start=first):
            after.append(self.painted(f"{name}.{number}", after[-1].image if after else image, piece))
        return after


def _carried_out(
    graph: Expansion,
    painter: _Painter,
    b: int,
    image: Link,
    pieces: Sequence[Chain | Checked],
    eyes: Eyes,
    steps: list[_Step],
) -> Link:
    """Image `b` with its regions painted; each is added to the steps."""
    current, number = image, 0
    for piece in pieces:
        if isinstance(piece, Checked):
            check = _looked_at(graph, painter, b, current, piece, eyes, number)
            steps.append(_Step(b, [check, 3], told=[check, 2], changed=[check, 1]))
            current = [check, 0]
            number += len(piece.chains)
        else:
            [painted] = painter.painted_one_by_one(str(b), current, [piece], number)
            steps.append(_Step(b, painted.image, current, [f"{graph.prefix}{b}.{number}.region", 0], painted.note))
            current = painted.image
            number += 1
    return current


def _looked_at(
    graph: Expansion, painter: _Painter, b: int, image: Link, action: Checked, eyes: Eyes, number: int
) -> str:
    """The check of an action whose first region has that number; of several variants, each with its own, of the one
    that is kept."""
    checks = []
    for k, variant in enumerate(action.variants or (action,)):
        # the first has the names of an action without any: it is the same
        base = f"{b}.v{k}" if k else str(b)
        after = painter.painted_one_by_one(base, image, variant.chains, number)
        checks.append(_check(graph, f"{base}.{number}.check", image, variant, after, painter, eyes, b))
    if action.variants:
        painter.looks.append((action.look, [[check, 0] for check in checks]))
    return checks[action.kept]


def _check(
    graph: Expansion,
    name: str,
    image: Link,
    action: Checked,
    after: Sequence[_Painted],
    painter: _Painter,
    eyes: Eyes,
    index: int,
    attempt: int = 1,
    checks: str = "[]",
    best: dict[str, Link] | None = None,
) -> str:
    inputs: dict[str, Any] = {"image": image, "turn": action.turn, "attempt": attempt, "checks": checks}
    inputs["index"] = eyes.first + index
    inputs |= painter.links
    inputs |= numbered("after", (painted.image for painted in after))
    inputs |= numbered("afternote", (painted.note for painted in after))
    inputs |= best or {}
    return graph.add(name, "CIELR_CheckAction", **inputs, **eyes.links)


def _waiting(
    graph: Expansion, b: int, image: Link, later: Later, painter: _Painter, stack: bool, eyes: Eyes
) -> tuple[Link, list[Link]]:
    """(image, masks of what may have changed): a node for each stretch, on the image and scene of the one before."""
    pieces = [graph.steps] if graph.steps else []
    masks: list[Link] = []
    scene: Link = []
    for n, text in enumerate(later.texts):
        inputs: dict[str, Any] = {"image": image, "json": text, **later.inputs, "index": b, "stack": stack}
        inputs |= {"scene": scene} if scene else {}
        inputs |= {"notice": graph.told} if graph.told else {}
        inputs |= painter.links
        # nobody but a check asks the language model
        seen = {"perception": eyes.perception} if eyes.perception is not None else {}
        inputs |= {"attempts": later.attempts, **eyes.links} if later.attempts > 1 else seen
        stretch = graph.add(f"{b}.later{n}", "CIELR_Stretch", **inputs)
        image, scene, graph.told = [stretch, 0], [stretch, 1], [stretch, 3]
        masks.append([stretch, 2])
        graph.looks += [[stretch, 5]] if later.variants > 1 else []
        pieces.append([stretch, 4])
    if masks:
        graph.steps = pieces[-1] if len(pieces) == 1 or not stack else _collect(graph, f"{b}.steps", pieces)
    return image, masks


def _changed(graph: Expansion, b: int, image: Link, regions: Sequence[Link], masks: Sequence[Link]) -> Link:
    inputs = numbered("region", regions) | numbered("mask", masks)
    return [graph.add(f"{b}.changed", "CIELR_ChangedMask", image=image, **inputs), 0]


def _painted(graph: Expansion, name: str, image: Link, json: str, inpainter: Link | None, signature: str) -> _Painted:
    region: Link = [graph.add(f"{name}.region", "CIELR_RegionLiteral", json=json), 0]
    crop: Link = [graph.add(f"{name}.crop", "CIELR_CutOut", image=image, region=region), 0]
    more: dict[str, Any] = {"inpainter": inpainter} if inpainter is not None else {}
    more |= {"painter": signature} if signature else {}
    paint = graph.add(f"{name}.paint", "CIELR_PaintRegion", crop=crop, region=region, **more)
    stitch = graph.add(f"{name}.stitch", "CIELR_PutBack", image=image, region=region, painted=[paint, 0])
    return _Painted([stitch, 0], [paint, 1])


def _report(graph: Expansion, steps: Sequence[_Step], count: int, notice: str, stack: bool) -> Link:
    """The collector of the images after each region, which also tells what each of them changed."""
    inputs: dict[str, Any] = {"notice": notice} if notice else {}
    if not stack:
        inputs["stack"] = False
    for k, step in enumerate(steps):
        inputs |= step.links(k)
    if count > 1:
        inputs["owners"] = " ".join(str(step.batch + 1) for step in steps)
    return [graph.add("steps", "CIELR_CollectSteps", **inputs), 0]


def _show(
    graph: Expansion, before: Sequence[Link], after: Sequence[Link], looks: Sequence[tuple[str, list[Link]]]
) -> None:
    """The last node of all, whose messages are the parent's."""
    inputs: dict[str, Any] = {"told": graph.told} if graph.told else {}
    inputs |= numbered("before", before) | numbered("after", after) | numbered("more", graph.looks)
    inputs |= _look_links(looks) if looks else {}
    graph.add("shown", "CIELR_ShowEdit", **inputs)


def _look_links(looks: Sequence[tuple[str, list[Link]]]) -> dict[str, Any]:
    """What there is to choose from, as a node takes it."""
    inputs: dict[str, Any] = {"looks": f"[{','.join(text for text, _ in looks)}]"}
    for n, (_, images) in enumerate(looks):
        inputs |= numbered(f"look_{n:04d}", images)
    return inputs


def _collect(graph: Expansion, name: str, links: Sequence[Link]) -> Link:
    return [graph.add(name, "CIELR_CollectImages", **numbered("image", links)), 0]

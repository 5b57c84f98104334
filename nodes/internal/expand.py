"""Regions + links -> a graph of crop -> paint -> stitch chains. A pure function: it needs no ComfyUI and no tensors.

ComfyUI caches by the signatures of all ancestors, never by values. So the image and the inpainter go to the children
as links, and each region as one constant text that names nothing upstream: a plan that comes out the same runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .expand_sampler import Drawing, Sampling, drawn, unpacked
from .graph import Expansion, Link


@dataclass(frozen=True)
class Chain:
    """One region: its canonical JSON, and how a checkpoint draws it (None: `CIELR_PaintRegion` does it all)."""

    json: str
    drawing: Drawing | None = None


def expand(
    image: Link,
    chains: Sequence[Sequence[Chain]],
    inpainter: Link | None,
    list_index: int,
    prefix: str,
    sampling: Sampling | None = None,
    notice: str = "",
    stack: bool = True,
    later: Sequence[Later] = (),
) -> Expansion:
    """One chain for each region of each image of the batch, and collectors for the results.

    Args:
        image: link to the IMAGE; chains: for each image of the batch its regions.
        inpainter: link to the INPAINTER, or None for the built-in fill.
        list_index: which element of a list of images this call is about.
        prefix: of all ids, so that two expansions never share one.
        sampling: where the inpainter is a checkpoint, how it samples; chains with a drawing need it.
        notice: what the user should know besides what each step did.
        stack: the images after each region are wanted as one batch; else only what they changed is told.
        later: for each image what of its plan has to wait until something is painted.
    """
    graph = Expansion(prefix)
    checkpoint = None
    if sampling is not None and inpainter is not None and any(piece.drawing for chain in chains for piece in chain):
        checkpoint = unpacked(graph, inpainter, sampling)
    finals: list[Link] = []
    steps: list[_Step] = []
    for b, chain in enumerate(chains):
        current: Link = [graph.add(f"{b}.image", "CIELR_PickImage", image=image, list_index=list_index, index=b), 0]
        for i, piece in enumerate(chain):
            name = f"{b}.{i}"
            before = current
            if piece.drawing is not None and sampling is not None and checkpoint is not None:
                current = drawn(graph, name, current, piece.json, piece.drawing, sampling, checkpoint)
            else:
                # a checkpoint is no painter that can be called: what needs none of its drawing goes without it
                current = _painted(graph, name, current, piece.json, None if sampling is not None else inpainter)
            steps.append(_Step(b, current, before, [f"{prefix}{name}.region", 0]))
        finals.append(current)
    if steps:
        graph.steps = _report(graph, steps, len(chains), notice, stack)
        graph.told = [graph.steps[0], 1]
    if any(rest.texts for rest in later):
        masks = []
        for b, rest in enumerate(later):
            finals[b], waiting = _waiting(graph, b, finals[b], rest, inpainter, stack)
            regions = [step.region for step in steps if step.batch == b]
            masks.append(_changed(graph, b, finals[b], regions, waiting))
        graph.changed = masks[0] if len(masks) == 1 else _collect(graph, "changed", masks)
    graph.result = finals[0] if len(finals) == 1 else _collect(graph, "result", finals)
    graph.steps = graph.steps or graph.result
    return graph


@dataclass(frozen=True)
class Later:
    """What of one image's plan has to wait.

    Attributes:
        texts: a constant text for each stretch; seed: of the whole edit.
        perception: link to eyes on the photo, or None.
    """

    texts: tuple[str, ...]
    seed: int
    perception: Link | None = None


def _waiting(
    graph: Expansion, b: int, image: Link, later: Later, inpainter: Link | None, stack: bool
) -> tuple[Link, list[Link]]:
    """(image, masks of what may have changed): a node for each stretch, on the image and scene of the one before."""
    pieces = [graph.steps] if graph.steps else []
    masks: list[Link] = []
    scene: Link = []
    for n, text in enumerate(later.texts):
        inputs: dict[str, Any] = {"image": image, "json": text, "seed": later.seed, "index": b, "stack": stack}
        inputs |= {"scene": scene} if scene else {}
        inputs |= {"notice": graph.told} if graph.told else {}
        inputs |= {"inpainter": inpainter} if inpainter is not None else {}
        inputs |= {"perception": later.perception} if later.perception is not None else {}
        stretch = graph.add(f"{b}.later{n}", "CIELR_Stretch", **inputs)
        image, scene, graph.told = [stretch, 0], [stretch, 1], [stretch, 3]
        masks.append([stretch, 2])
        pieces.append([stretch, 4])
    if masks:
        graph.steps = pieces[-1] if len(pieces) == 1 or not stack else _collect(graph, f"{b}.steps", pieces)
    return image, masks


def _changed(graph: Expansion, b: int, image: Link, regions: Sequence[Link], masks: Sequence[Link]) -> Link:
    inputs: dict[str, Any] = {"image": image}
    inputs |= {f"region_{k:04d}": link for k, link in enumerate(regions)}
    inputs |= {f"mask_{k:04d}": link for k, link in enumerate(masks)}
    return [graph.add(f"{b}.changed", "CIELR_ChangedMask", **inputs), 0]


def _painted(graph: Expansion, name: str, image: Link, json: str, inpainter: Link | None) -> Link:
    region: Link = [graph.add(f"{name}.region", "CIELR_RegionLiteral", json=json), 0]
    crop: Link = [graph.add(f"{name}.crop", "CIELR_CutOut", image=image, region=region), 0]
    more = {"inpainter": inpainter} if inpainter is not None else {}
    paint: Link = [graph.add(f"{name}.paint", "CIELR_PaintRegion", crop=crop, region=region, **more), 0]
    return [graph.add(f"{name}.stitch", "CIELR_PutBack", image=image, region=region, painted=paint), 0]


@dataclass(frozen=True)
class _Step:
    """One region of image `batch`: links to the image after it and before it, and to the region."""

    batch: int
    after: Link
    before: Link
    region: Link


def _report(graph: Expansion, steps: Sequence[_Step], count: int, notice: str, stack: bool) -> Link:
    """The collector of the images after each region, which also tells what each of them changed."""
    inputs: dict[str, Any] = {"notice": notice} if notice else {}
    if not stack:
        inputs["stack"] = False
    for k, step in enumerate(steps):
        inputs |= {f"image_{k:04d}": step.after, f"before_{k:04d}": step.before, f"region_{k:04d}": step.region}
    if count > 1:
        inputs["owners"] = " ".join(str(step.batch + 1) for step in steps)
    return [graph.add("steps", "CIELR_CollectSteps", **inputs), 0]


def _collect(graph: Expansion, name: str, links: Sequence[Link]) -> Link:
    return [graph.add(name, "CIELR_CollectImages", **{f"image_{k:04d}": link for k, link in enumerate(links)}), 0]

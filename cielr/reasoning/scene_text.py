"""The scene as text for a language model: short, in thousandths of the image, with relations as code found them.

One line an object with its telling relations, and the orders (left to right, rows, near to far, small to large) below.
What perception read from the picture is data and not speech: it stands between <scene> tags that it cannot close.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from math import hypot
from unicodedata import category

from ..core.geometry import relations as spatial
from ..core.scene import Scene, SceneObject

PER_OBJECT = 140
"""Characters of the whole text per object, on average."""
HEADER = 240
"""Characters besides: size, caption, absent labels and what was left out."""
MOST_OBJECTS = 120
MOST_PLAIN = 40
NEIGHBOURS = 4
"""So many nearest things are looked at for relations."""


def scene_text(
    scene: Scene,
    instruction: str = "",
    max_objects: int = MOST_OBJECTS,
    max_characters: int | None = None,
    code: str = "",
) -> str:
    """The scene between <scene> and </scene>, at most PER_OBJECT characters an object and HEADER besides.

    Args:
        instruction: what it is about is kept where not all can be.
        max_objects: how many are described; the others are named as left out.
        max_characters: a tighter budget for the whole.
        code: a word at its beginning, by which an answer shows that the beginning was read.
    """
    kept = _kept(scene, instruction, max_objects)
    while True:
        budget = PER_OBJECT * len(kept) + HEADER
        goal = budget if max_characters is None else min(budget, max_characters)
        for level in _LEVELS:
            text = _render(scene, kept, level, code)
            if len(text) <= goal:
                return text
        if max_characters is None or len(kept) <= 1:
            return text
        kept = _kept(scene, instruction, max(1, min(len(kept) - 1, int(len(kept) * goal / len(text)))))


def plain_scene(scene: Scene, things: Sequence[SceneObject], places: bool = False) -> str:
    """The scene in plain words, for small models: a line for each thing with its look and up to two relations.

    Args:
        things: in the order in which they are listed; MOST_PLAIN of them.
        places: with their centres, in thousandths of the image.
    """
    shown = list(things)[:MOST_PLAIN]
    lines = ["Things:"]
    for thing in shown:
        look = ", ".join([_tame(thing.label, 40), *(_tame(value, 30) for value in thing.attributes.values())])
        x, y = thing.box.center
        at = f", at {_thousandth(x, scene.width)},{_thousandth(y, scene.height)}" if places else ""
        relations = "".join(f", {words}" for words in _telling(scene, thing, 2))
        lines.append(f"{thing.id}: {look}{at}{relations}")
    for label, alike in _groups(shown):
        if len(alike) > 1:
            lines.append(f"{_tame(label, 30)} left to right: {_ids(spatial.left_to_right(alike))}")
            lines.append(f"{_tame(label, 30)} small to large: {_ids(spatial.small_to_large(alike))}")
    if len(things) > len(shown):
        lines.append(f"{len(things) - len(shown)} more things are not listed")
    return "\n".join(lines)


def objects_text(scene: Scene, objects: Sequence[SceneObject]) -> str:
    """Lines for some objects, with up to three relations each; for what a round has found."""
    return "\n".join(_line(scene, thing, _LEVELS[0]) for thing in objects)


def pairs_text(scene: Scene, objects: Sequence[SceneObject]) -> str:
    """Every relation between any two of the objects, and their orders; for `relate`."""
    lines = [_line(scene, thing, _Level(0, 80, ())) for thing in objects]
    for i, a in enumerate(objects):
        for b in objects[i + 1 :]:
            words = [_WORDS.get(name, name.replace("_", " ")) for name, test in _PAIRWISE.items() if test(a, b)]
            back = [f"{b.id} {_WORDS[name]} {a.id}" for name in ("inside", "on") if _PAIRWISE[name](b, a)]
            if words or back:
                lines.append("; ".join([f"{a.id} {word} {b.id}" for word in words] + back))
    return "\n".join(lines + _orders(objects, ""))


def orders_text(things: Sequence[SceneObject], label: str) -> list[str]:
    """The orders of things of one label, a line each."""
    return _orders(things, _tame(label, 30))


def quoted(text: str, most: int = 300) -> str:
    """A text that came from the picture, on one line, in quotation marks, unable to close a tag or a quotation."""
    return f'"{_tame(text, most)}"'


# ------------------------------------------------------------------------------------------------- levels of detail


class _Level:
    """How much is said: relations an object, characters of attributes, and which orders."""

    def __init__(self, relations: int, attributes: int, orders: tuple[str, ...]) -> None:
        self.relations = relations
        self.attributes = attributes
        self.orders = orders


_LEVELS = (
    _Level(3, 80, ("groups", "shades", "all")),
    _Level(2, 60, ("groups", "shades", "all")),
    _Level(2, 40, ("groups", "shades")),
    _Level(1, 40, ("groups",)),
    _Level(1, 24, ("all",)),
    _Level(1, 24, ("rows",)),
    _Level(0, 24, ()),
    _Level(0, 0, ()),
)


def _render(scene: Scene, kept: Sequence[SceneObject], level: _Level, code: str) -> str:
    lines = ["<scene>", f"{f'code {code}; ' if code else ''}image {scene.width}x{scene.height} px"]
    if how := next((thing.attributes["depth"] for thing in kept if thing.attributes.get("depth")), ""):
        lines[-1] += f"; depth {quoted(how, 40)}"
    if scene.caption:
        lines.append(f"caption {quoted(scene.caption, 80)}")
    lines += [_line(scene, thing, level) for thing in kept]
    if not kept:
        lines.append("no objects known yet")
    groups, kinds = _groups(kept), _kinds(kept)
    shades = {thing.label.lower() for _, things in kinds for thing in things}
    for label, things in groups:
        if len(things) > 1 and ("shades" if label in shades else "groups") in level.orders:
            lines += _orders(things, _tame(label, 30))
    if "groups" in level.orders:
        for head, things in kinds:
            lines += _orders(things, f"all {_tame(head, 20)}")
    # one kind that is all there is has its orders already
    ordered = "groups" in level.orders and any(len(things) == len(kept) for _, things in kinds)
    if "all" in level.orders and len(groups) > 1 and not ordered:
        lines += _orders(kept, "all", rows=False)
    if "rows" in level.orders and len(kept) > 1:
        lines.append(f"all rows, top first: {_rows(kept)}")
    if scene.absent:
        lines.append(f"not found: {', '.join(quoted(label, 20) for label in scene.absent[:4])}")
    lines += _left_out(scene, kept)
    lines.append("</scene>")
    return "\n".join(lines)


def _line(scene: Scene, thing: SceneObject, level: _Level) -> str:
    """`cup_2 cup at 412,633 size 80x120 depth 310; metal; on table_1, left of plate_1`"""
    x, y = thing.box.center
    label = _tame(thing.label, 40)
    parts = [
        f"{thing.id} {label} at {_thousandth(x, scene.width)},{_thousandth(y, scene.height)}"
        f" size {_thousandth(thing.box.width, scene.width)}x{_thousandth(thing.box.height, scene.height)}"
    ]
    if thing.depth is not None:
        parts[0] += f" depth {round(thing.depth * 1000)}"
    attributes = _attributes(thing, level.attributes)
    if attributes:
        parts.append(attributes)
    relations = [f"part of {thing.part_of}"] if thing.part_of else []
    relations += [f"effect of {thing.effect_of}"] if thing.effect_of else []
    if level.relations:
        relations += _telling(scene, thing, level.relations)
    if relations:
        parts.append(", ".join(relations[: max(level.relations, 1)]))
    return "; ".join(parts)


def _attributes(thing: SceneObject, most: int) -> str:
    """Values alone where they speak for themselves, until the room is used up."""
    said, left = [], most
    for name, value in thing.attributes.items():
        # places and sizes stand in the line already, where depth comes from in the head
        if name in ("position", "size", "area", "depth") or not value:
            continue
        # "grey" of a grey disc
        if set(value.lower().split()) <= set(thing.label.lower().split()):
            continue
        word = _tame(value, 40) if name in ("colour", "color", "material", "shape", "look", "texture") else ""
        # what was read from the picture is always in quotation marks
        word = word or f"{_tame(name, 20)} {quoted(value, 60)}"
        if len(word) + 2 > left:
            continue
        said.append(word)
        left -= len(word) + 2
    return ", ".join(said)


# --------------------------------------------------------------------------------------------- relations and orders

_PAIRWISE: dict[str, Callable[[SceneObject, SceneObject], bool]] = {
    "on": spatial.on,
    "inside": spatial.inside,
    "touching": spatial.touching,
    "in_front_of": spatial.in_front_of,
    "behind": spatial.behind,
    "next_to": spatial.next_to,
    "left_of": spatial.left_of,
    "right_of": spatial.right_of,
    "above": spatial.above,
    "below": spatial.below,
}
_WORDS = {"inside": "in", "on": "on"}


def _telling(scene: Scene, thing: SceneObject, most: int) -> list[str]:
    """The relations that tell most: what it is on or in, what hides it, and where its near neighbours are."""
    near = sorted((o for o in scene.objects if o is not thing), key=lambda other: _apart(thing, other))[:NEIGHBOURS]
    held: list[str] = []
    hidden: list[str] = []
    beside: list[str] = []
    for other in near:
        if len(held) >= most:
            break
        if _apart(thing, other) == 0 and spatial.on(thing, other):
            held.append(f"on{'/in' if spatial.inside(thing, other) else ''} {other.id}")
        elif spatial.inside(thing, other):
            held.append(f"in {other.id}")
        elif spatial.inside(other, thing) or spatial.on(other, thing):
            continue  # said at the other
        elif not thing.box.intersect(other.box).is_empty and spatial.in_front_of(thing, other):
            hidden.append(f"in front of {other.id}")
        elif not thing.box.intersect(other.box).is_empty and spatial.behind(thing, other):
            hidden.append(f"behind {other.id}")
        elif len(held) + len(hidden) + len(beside) < most and spatial.next_to(thing, other):
            words = [name for name in ("left_of", "right_of", "above", "below") if _PAIRWISE[name](thing, other)]
            beside.append(f"{(words or ['next_to'])[0].replace('_', ' ')} {other.id}")
    return [*held, *hidden, *beside][:most]


def _apart(a: SceneObject, b: SceneObject) -> float:
    """Distance of the boxes, in pixels."""
    across = max(a.box.x0 - b.box.x1, b.box.x0 - a.box.x1, 0)
    down = max(a.box.y0 - b.box.y1, b.box.y0 - a.box.y1, 0)
    return hypot(across, down)


def _orders(things: Sequence[SceneObject], label: str, rows: bool = True) -> list[str]:
    name = f"{label} " if label else ""
    lines = [f"{name}left to right: {_ids(spatial.left_to_right(things))}"]
    if rows and len(things) > 2:
        lines.append(f"{name}rows, top first: {_rows(things)}")
    elif rows:
        lines.append(f"{name}top to bottom: {_ids(spatial.top_to_bottom(things))}")
    lines.append(f"{name}small to large: {_ids(spatial.small_to_large(things))}")
    near = spatial.near_to_far(things)
    if len(near) > 1:
        lines.append(f"{name}near to far: {_ids(near)}")
    return lines


def _ids(things: Iterable[SceneObject]) -> str:
    return " ".join(thing.id for thing in things)


def _rows(things: Sequence[SceneObject]) -> str:
    return " | ".join(_ids(row) for row in spatial.rows(things))


def _groups(things: Sequence[SceneObject]) -> list[tuple[str, list[SceneObject]]]:
    groups: dict[str, list[SceneObject]] = {}
    for thing in things:
        groups.setdefault(thing.label.lower(), []).append(thing)
    return list(groups.items())


def _kinds(things: Sequence[SceneObject]) -> list[tuple[str, list[SceneObject]]]:
    """Things whose labels end in the same word, where there are several such labels: "grey disc", "dark grey disc"."""
    heads: dict[str, list[SceneObject]] = {}
    for thing in things:
        heads.setdefault(thing.label.lower().split()[-1], []).append(thing)
    return [(head, alike) for head, alike in heads.items() if len(_groups(alike)) > 1]


# ------------------------------------------------------------------------------------------------------- what stays


def _kept(scene: Scene, instruction: str, most: int) -> list[SceneObject]:
    """The objects that the instruction concerns first, then what they belong to, then the largest; in scene order."""
    if len(scene.objects) <= most:
        return list(scene.objects)
    words = _stems(instruction)
    named = {
        thing.id
        for thing in scene.objects
        if thing.id.lower() in instruction.lower()
        or words & _stems(" ".join([thing.label, *thing.attributes.values()]))
    }
    kin = {
        name
        for thing in scene.objects
        for name in (thing.part_of, thing.effect_of)
        if name and (thing.id in named or name in named)
    } | {thing.id for thing in scene.objects if thing.part_of in named or thing.effect_of in named}

    def rank(thing: SceneObject) -> tuple[int, int]:
        return (0 if thing.id in named else 1 if thing.id in kin else 2, -thing.mask.area)

    best = {thing.id for thing in sorted(scene.objects, key=rank)[:most]}
    return [thing for thing in scene.objects if thing.id in best]


def _left_out(scene: Scene, kept: Sequence[SceneObject]) -> list[str]:
    """What is there besides, as counts by label and the first ids: `relate` shows any of them."""
    there = {thing.id for thing in kept}
    gone = [thing for thing in scene.objects if thing.id not in there]
    if not gone:
        return []
    counts = sorted(((len(things), label, things[0].id) for label, things in _groups(gone)), reverse=True)
    named = ", ".join(f"{count} {_tame(label, 16)} ({first[:24]} …)" for count, label, first in counts[:2])
    more = f", {len(counts) - 2} other labels" if len(counts) > 2 else ""
    return [f"left out for brevity: {named}{more}"]


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in re.findall(r"[^\W\d_]+", text.lower())}


def _stem(word: str) -> str:
    """Enough to know a plural by."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ches", "shes", "xes", "sses")) else word.removesuffix("s")


def _tame(text: str, most: int) -> str:
    """One line, no tags, no quotation marks, no longer than `most`."""
    # controls, separators, and what nobody sees: marks of direction, joiners, tag characters
    shown = (" " if category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else letter for letter in text)
    flat = " ".join("".join(shown).split())
    flat = flat.replace("<", "‹").replace(">", "›").replace('"', "'").replace(";", ",")
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def _thousandth(value: float, side: int) -> int:
    return round(1000 * value / side)


__all__ = ["objects_text", "orders_text", "pairs_text", "plain_scene", "quoted", "scene_text"]

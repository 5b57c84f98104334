"""Scenes and plans in plain words, for people: on the command line and in the trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..actions.plan import Place
from ..core.scene import Scene
from .plain import plain

if TYPE_CHECKING:
    from ..actions.plan import Plan
    from ..editing.executor import Change
    from ..region import Region

NAMED = 6
"""So many things are named one by one; of more, the rest is counted."""
UNCHANGED = "the image stays as it is"
"""How every sentence ends that says of an edit that it changes nothing."""


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"; past some six, "… and 12 more"."""
    names = [plain(name) for name in names]
    if len(names) > NAMED:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"


def counted(number: int, thing: str) -> str:
    """ "1 region", "3 regions"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def scene_words(scene: Scene) -> str:
    """What is in the picture: "24 objects: 20 × coin, 4 × button"."""
    counts = Counter(thing.label for thing in scene.objects).most_common()
    kinds = [f"{number} × {plain(label)}" if number > 1 else plain(label) for label, number in counts[:NAMED]]
    if len(counts) > NAMED:
        kinds.append("…")
    return counted(len(scene.objects), "object") + (f": {', '.join(kinds)}" if kinds else "")


def action_words(action: Any) -> str:
    """One action as a sentence without its full stop: "Remove coin_2"."""
    things = listed(action.objects)
    return {
        "remove": lambda: f"Remove {things}",
        "replace": lambda: f"Replace {things} with {plain(action.with_)}",
        "modify": lambda: f"Change {things}: {plain(action.change)}",
        "add": lambda: f"Add {plain(action.what)} {_place_words(action.where)}",
        "background": lambda: f"Change the background: {plain(action.to)}",
        "move": lambda: f"Move {things} {_place_words(action.to)}",
        "resize": lambda: f"Resize {things} to {action.scale * 100:g} %",
        "global": lambda: f"Change the whole picture: {plain(action.style)}",
    }[action.kind]()


def plan_words(plan: Plan) -> list[str]:
    """The plan's actions as numbered sentences: "1. Remove coin_2."."""
    return [f"{number}. {action_words(action)}." for number, action in enumerate(plan.actions, start=1)]


def change_words(change: Change) -> str:
    """What an edit did to one region: "Action 2: 5,130 pixels changed, by 31 % of the range on average, in 0.1 s"."""
    head = f"Action {change.action + 1}: "
    if not change.is_seen:
        done = "nothing inside its region changed" if change.pixels == 0 else "what changed cannot be seen"
        return f"{head}{done}; is it what was meant?"
    timed = f", in {change.seconds:.1f} s" if change.seconds else ""
    return f"{head}{change.pixels:,} pixels changed, by {100 * change.mean:.2g} % of the range on average{timed}"


def idle_words(plan: Plan, regions: Sequence[Region]) -> list[str]:
    """A line for each action that has no region, or a single one where the whole plan changes nothing."""
    if not plan.actions:
        return [f"The plan has no action; {UNCHANGED}."]
    if not regions:
        return [f"Nothing is left of any region of the plan ({_some(plan_words(plan))}); {UNCHANGED}."]
    busy = {region.index for region in regions}
    return [
        f"Action {number}: nothing is left of its region, so it does nothing ({action_words(action)})."
        for number, action in enumerate(plan.actions, start=1)
        if number - 1 not in busy
    ]


def _some(sentences: Sequence[str]) -> str:
    """Sentences in a row, without the last full stop; past some six, "… and 12 more"."""
    shown = " ".join(sentences[:NAMED]).rstrip(".")
    return f"{shown}, and {len(sentences) - NAMED} more" if len(sentences) > NAMED else shown


def _place_words(place: Place) -> str:
    if place.relation == "by":
        sideways = f"{abs(place.x):g} px to the {'right' if place.x > 0 else 'left'}" if place.x else ""
        upright = f"{abs(place.y):g} px {'down' if place.y > 0 else 'up'}" if place.y else ""
        return "by " + (" and ".join(part for part in (sideways, upright) if part) or "nothing")
    if place.relation == "at":
        return f"at {place.x * 100:.0f} % from the left and {place.y * 100:.0f} % from the top"
    return f"{place.relation.replace('_', ' ')} {listed(place.anchors)}"


def request_words(request: object) -> str:
    """A request on one line: `detect kiwi, orange in bowl_1`."""
    kind = getattr(request, "kind", "?")
    words = [kind]
    if within := getattr(request, "within", None):
        words.append(f"in {within}")
    if name := getattr(request, "object", None):
        words.append(name)
    words.append(", ".join([*getattr(request, "labels", ()), *getattr(request, "objects", ())]))
    # the model's own question needs no repeating
    return " ".join(word for word in words if word)

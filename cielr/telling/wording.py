"""Scenes and plans in plain words, for people: on the command line and in the trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.scene import Scene
from ..core.text import NAMED, counted, plain

if TYPE_CHECKING:
    from ..actions import Plan
    from ..editing.executor import Change
    from ..editing.verify import Check
    from ..region import Region
    from .trace import Trace

UNCHANGED = "the image stays as it is"
"""How every sentence ends that says of an edit that it changes nothing."""


def scene_words(scene: Scene) -> str:
    """What is in the picture: "24 objects: 20 × coin, 4 × button"."""
    counts = Counter(thing.label for thing in scene.objects).most_common()
    kinds = [f"{number} × {plain(label)}" if number > 1 else plain(label) for label, number in counts[:NAMED]]
    if len(counts) > NAMED:
        kinds.append("…")
    return counted(len(scene.objects), "object") + (f": {', '.join(kinds)}" if kinds else "")


def plan_words(plan: Plan) -> list[str]:
    """The plan's actions as numbered sentences: "1. Remove coin_2."."""
    return [f"{number}. {action.sentence()}." for number, action in enumerate(plan.actions, start=1)]


def change_words(change: Change) -> str:
    """What an edit did to one region: "Action 2: 5,130 pixels changed, by 31 % of the range on average, in 0.1 s"."""
    head = f"Action {change.action + 1}: "
    if not change.is_seen:
        done = "nothing inside its region changed" if change.pixels == 0 else "what changed cannot be seen"
        return f"{head}{done}; is it what was meant?"
    timed = f", in {change.seconds:.1f} s" if change.seconds else ""
    return f"{head}{change.pixels:,} pixels changed, by {100 * change.mean:.2g} % of the range on average{timed}"


def check_words(check: Check) -> str:
    """What was found out about an attempt: "Action 2, attempt 1: it did what it should"."""
    head = f"Action {check.action + 1}, attempt {check.attempt}: "
    if not check.total:
        return f"{head}nothing about it can be checked"
    return head + ("it did what it should" if check.is_good else "; ".join(check.why))


def reader_words(trace: Trace) -> str:
    """Who understood an instruction: "the built-in grammar", or the language model's name; "" where there was none."""
    step = next((step for step in reversed(trace.steps) if step.name == "reason"), None)
    if step is None or step.inputs.get("reasoner") == "given":
        return ""
    if any(note.kind == "reply" for note in step.notes):
        return str(step.inputs["reasoner"])
    return "the built-in grammar"


def attempts_words(checks: Sequence[Check]) -> list[str]:
    """A sentence on each attempt at one action, and where none did what it should, one on which of them is kept."""
    lines = [f"{check_words(check)}." for check in checks]
    if len(checks) > 1 and not any(check.is_good for check in checks):
        kept = next(check for check in checks if check.kept)
        lines.append(
            f"Action {kept.action + 1}: none of {len(checks)} attempts did all that it should; attempt {kept.attempt}, "
            "the best of them, is kept."
        )
    return lines


def idle_words(plan: Plan, regions: Sequence[Region], first: int = 0, is_all: bool = True) -> list[str]:
    """A line for each action that has no region, or a single one where the whole plan changes nothing.

    Args:
        first: the number of the plan's first action, from 0, where it is the rest of a longer one.
        is_all: False where other actions than these are carried out as well, so that the image changes anyway.
    """
    if not plan.actions:
        return [f"The plan has no action; {UNCHANGED}."]
    if not regions and is_all:
        return [f"Nothing is left of any region of the plan ({_some(plan_words(plan))}); {UNCHANGED}."]
    busy = {region.index for region in regions}
    return [
        f"Action {number}: nothing is left of its region, so it does nothing ({action.sentence()})."
        for number, action in enumerate(plan.actions, start=first + 1)
        if number - 1 not in busy
    ]


def _some(sentences: Sequence[str]) -> str:
    """Sentences in a row, without the last full stop; past some six, "… and 12 more"."""
    shown = " ".join(sentences[:NAMED]).rstrip(".")
    return f"{shown}, and {len(sentences) - NAMED} more" if len(sentences) > NAMED else shown


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

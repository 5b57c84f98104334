"""What the reasoner asked, found and decided, in the order of time, as plain values that the front end words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

KINDS = ("missing", "request", "update", "repair", "forced", "question")
"""Kinds of notes that a user of the graph wants to read; prompts and replies belong into a trace."""
LONGEST = 600
"""Characters of one text."""
LOOKS = (
    (r"detect in (\S+) (.+)", r"Looking for \2 in \1"),
    (r"detect (.+)", r"Looking for \1"),
    (r"parts (\S+) (.+)", r"Looking for the parts of \1: \2"),
    (r"describe (\S+)", r"Looking closely at \1"),
    (r"relate (.+)", r"Measuring how \1 lie"),
    (r"effects (\S+)", r"Looking for what \1 causes, such as its shadow"),
)
"""How a request is written to the model, and the same for people."""


def steps_of(trace: Any, before: int = 0, known: Any = None) -> list[dict[str, Any]]:
    """One entry for each thing that happened; `{"kind": …, "text": …}` or, where something was looked for, its request.

    Kinds: "needs", "looked", "failed", "again", "last", "asks", "plan" (the model's reason for its plan), "grammar".

    Args:
        trace: of one reasoning; None gives nothing.
        before: so many updates the scene had when it began.
        known: the scene as it came out, or None where it broke off.
    """
    steps: list[dict[str, Any]] = []
    updates = iter(known.updates[before:] if known is not None else ())
    for note in _notes(trace):
        text = note.text[:LONGEST]
        if note.kind == "request":
            steps.append({"kind": "looked", **_request(note.data.get("request"))})
        elif note.kind == "update" and steps and steps[-1]["kind"] == "looked":
            if note.data.get("failed"):
                steps[-1] |= {"kind": "failed", "text": text.partition(": ")[2] or text}
            elif (update := next(updates, None)) is not None:
                steps[-1] |= _found(update, known)
        elif note.kind == "plan":
            steps.append({"kind": "plan" if _spoke(trace) else "grammar", "text": text})
        elif (kind := PLAIN.get(note.kind)) is not None:
            steps.append({"kind": kind, "text": text})
    return steps


PLAIN = {"missing": "needs", "repair": "again", "forced": "last", "question": "asks"}


def reason_for(trace: Any, plan: Any) -> str:
    """Why the language model planned so, or "" where it gave no reason or was not asked."""
    said = [note.text for note in _notes(trace) if note.kind == "plan"] if _spoke(trace) else []
    return said[-1] if said and said[-1] != plan.summary else ""


def as_lines(trace: Any) -> list[str]:
    """The same for the record, as it was said to the model."""
    return [f"{note.kind}: {note.text}" for note in _notes(trace) if note.kind in KINDS]


def for_people(message: str) -> str:
    """A message of progress without the language of the prompts."""
    asked = message.removeprefix("Looking up: ")
    for pattern, words in LOOKS if asked != message else ():
        if re.fullmatch(pattern, asked):
            return re.sub(pattern, words, asked)
    return message


# ------------------------------------------------------------------------------------------------------------- parts


def _notes(trace: Any) -> Sequence[Any]:
    steps = [step for step in trace.steps if step.name == "reason"] if trace is not None else []
    return steps[-1].notes if steps else ()


def _spoke(trace: Any) -> bool:
    return any(note.kind == "reply" for note in _notes(trace))


def _request(request: Any) -> dict[str, Any]:
    return {
        "ask": getattr(request, "kind", ""),
        "words": list(getattr(request, "labels", ())),
        "within": getattr(request, "within", None),
        "objects": list(getattr(request, "objects", ())) or [getattr(request, "object", None) or ""],
    }


def _found(update: Any, known: Any) -> dict[str, Any]:
    kind, answer = getattr(update.request, "kind", ""), update.answer[:LONGEST]
    ids = dict.fromkeys((*update.added, *update.changed))
    if kind in ("detect", "parts"):
        # the eyes name label by label what they see, what was known before too: "cup: cup_1, cup_2. jug: not found."
        ids |= dict.fromkeys(word for word in re.findall(r"[^\s:,.]+", answer) if known.get(word) is not None)
    # and how things lie to each other is for the model: dozens of numbers
    if kind == "relate" or (kind in ("detect", "parts") and (ids or update.absent)):
        answer = ""
    return {"found": list(ids), "absent": list(update.absent), "answer": answer}

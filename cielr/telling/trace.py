"""What happened on the way from a photo to its edit: every step with its inputs, outputs and duration.

A trace is told as JSON (`to_json`), and as one HTML page that needs no network by `page.save_trace`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from ..core.serial import canonical
from ..errors import CielrError

SECRET = re.compile(r"(^|_)(api_?key|authorization|password|secret|token|credentials?)$")
"""Keys whose values never reach a trace: traces are sent around."""


@dataclass(frozen=True)
class Event:
    """Progress, as it happens.

    Attributes:
        step: "perceive", "reason", "region" or "edit".
        message: what is being done, for people.
        fraction: of this step, in [0, 1].
    """

    step: str
    message: str
    fraction: float


OnEvent = Callable[[Event], None]


def tell(on_event: OnEvent | None, event: Event) -> None:
    """Tells whoever listens, if anybody does."""
    if on_event is not None:
        on_event(event)


def progress_steps(on_event: OnEvent | None, step: str, message: str) -> Callable[[int, int], None] | None:
    """A function that is told (done, total) and tells it as events of one step; None where nobody listens."""
    if on_event is None:
        return None
    return lambda done, total: on_event(Event(step, message, done / total if total else 1.0))


@dataclass(frozen=True)
class Note:
    """Something said within a step: a round with a language model, a request, a retry.

    Attributes:
        kind: "system", "prompt", "reply", "request", "update", … a word that groups notes.
        text: what was said.
        data: values that go with it.
        seconds: since the step began.
    """

    kind: str
    text: str
    data: Mapping[str, Any]
    seconds: float


@dataclass
class Step:
    """One step; a context manager that `Trace.step` makes.

    Attributes:
        name: "perceive", "reason", "region", "edit" or another word.
        inputs, outputs: Scene, Plan, Region, numpy images (by reference), text, numbers, None, and lists of these.
        notes: in the order in which they were made.
        seconds: how long it took; None while it runs.
        error: the message of what broke it off, or "".
    """

    name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    seconds: float | None = None
    error: str = ""
    trace: Trace | None = field(default=None, repr=False)
    _start: float = field(default=0.0, repr=False)

    def output(self, **values: Any) -> None:
        """Records what the step gave; later values of the same name replace earlier ones."""
        self.outputs |= _recorded(values)

    def note(self, kind: str, text: str, **data: Any) -> None:
        """Records something said on the way."""
        self.notes.append(Note(kind, text, _recorded(data), time.perf_counter() - self._start))

    def __enter__(self) -> Step:
        self._start = time.perf_counter()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        self.seconds = time.perf_counter() - self._start
        if error is None:
            return
        self.error = str(error) or type(error).__name__
        if isinstance(error, CielrError):
            # whoever reports the failure can then show how far it came
            error.__dict__.setdefault("trace", self.trace)


class Trace:
    """The steps of one edit, in the order in which they began."""

    def __init__(self) -> None:
        self.started = datetime.now(timezone.utc)
        self.steps: list[Step] = []

    def step(self, name: str, **inputs: Any) -> Step:
        """A new step, to be used in a `with` statement."""
        made = Step(name, _recorded(inputs), trace=self)
        self.steps.append(made)
        return made

    @property
    def seconds(self) -> float:
        """Of all finished steps together."""
        return sum(step.seconds or 0.0 for step in self.steps)

    def last(self, kind: type, name: str | None = None) -> Any:
        """The newest output (or else input) of that type, of that name where one is given, or None."""
        for side in ("outputs", "inputs"):
            for step in reversed(self.steps):
                for key, value in reversed(getattr(step, side).items()):
                    if isinstance(value, kind) and name in (None, key):
                        return value
        return None

    def to_json(self) -> str:
        """Canonical JSON, indented for reading; images appear as their size and type only."""
        steps = [
            {
                "name": step.name,
                "inputs": _plain(step.inputs),
                "outputs": _plain(step.outputs),
                "notes": [
                    {"kind": note.kind, "text": note.text, "data": _plain(note.data), "seconds": round(note.seconds, 4)}
                    for note in step.notes
                ],
                "seconds": None if step.seconds is None else round(step.seconds, 4),
                "error": step.error,
            }
            for step in self.steps
        ]
        whole = {
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 4),
            "steps": steps,
        }
        return canonical(whole, indent=1) + "\n"

    def __repr__(self) -> str:
        return f"Trace({', '.join(step.name for step in self.steps) or 'empty'}, {self.seconds:.2f} s)"


def error_trace(error: BaseException) -> Trace | None:
    """The trace of the work that an error broke off, or None."""
    trace = error.__dict__.get("trace")
    return trace if isinstance(trace, Trace) else None


def _plain(value: Any) -> Any:
    """The value as JSON can say it."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, np.ndarray):
        return {"array": " x ".join(map(str, value.shape)), "dtype": str(value.dtype)}
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        # JSON knows no infinity and no NaN
        return value if np.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(inner) for inner in value]
    return f"{type(value).__name__}" if not isinstance(value, Path) else str(value)


def _recorded(values: Any) -> Any:
    """The values as they are, but for secrets, which are not even kept."""
    if not isinstance(values, Mapping):
        return values
    return {
        key: "(not recorded)" if SECRET.search(str(key).lower().replace("-", "_")) else _recorded(value)
        for key, value in values.items()
    }

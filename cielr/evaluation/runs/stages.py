"""One case through the pipeline, as far as a stage goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...actions import Plan
from ...core.scene import Scene
from ...errors import Cancelled, CielrError, ClarificationNeeded, EditError, LLMError, NotUnderstood, PlanError
from ...region import Region, regions, seeded
from ...telling.trace import Trace, error_trace
from .ledger import Outcome

if TYPE_CHECKING:
    from ...core.scene import Parser
    from ...editing.painters import Filler, Inpainter
    from ...editing.verify import Check
    from ...reasoning.chats.protocol import Chat

Stage = Literal["perceive", "reason", "region", "edit"]
BREAKAGE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, AssertionError, OSError, RuntimeError)
"""One broken case is recorded and does not end a night's run."""
STAGES: tuple[Stage, ...] = ("perceive", "reason", "region", "edit")


@dataclass
class Models:
    """Who looks, reasons and paints; None is built in.

    Attributes:
        attempts: at each action, at most; 1 looks at nothing.
        loop: further arguments of `cielr.reason`, for the language model.
    """

    parser: Parser | None = None
    chat: Chat | None = None
    inpainter: Inpainter | Filler | None = None
    fill: Filler | None = None
    colour_match: bool = True
    attempts: int = 1
    loop: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Course:
    """How far a case came, and what there is of it.

    Attributes:
        detail: how it ended, where not well.
        checks: what was found out about each attempt at each action, where more than one is allowed.
    """

    outcome: Outcome = "done"
    detail: str = ""
    scene: Scene | None = None
    plan: Plan | None = None
    regions: tuple[Region, ...] = ()
    image: np.ndarray | None = None
    checks: tuple[Check, ...] = ()
    traces: list[Trace] = field(default_factory=list)


def run_stages(
    image: np.ndarray, instruction: str, given: Scene | None, stage: Stage, models: Models, seed: int
) -> Course:
    """The course of a case; what goes wrong in it is told by its outcome and ends it there.

    Args:
        image: uint8[H, W, 3]; given: the true scene, or None where the eyes are to look.
        stage: the last that is run.

    Raises:
        Cancelled, KeyboardInterrupt, MemoryError: these end the run, not the case.
    """
    course = Course()
    try:
        _run(course, image, instruction, given, stage, models, seed)
    except Cancelled:
        raise
    except ClarificationNeeded as error:
        _ended(course, "asked", error)
    except (NotUnderstood, PlanError, EditError) as error:
        _ended(course, "refused", error)
    except LLMError as error:
        _ended(course, "refused" if error.problems else "failed", error)
    except (CielrError, *BREAKAGE) as error:
        _ended(course, "failed", error)
    return course


def _run(
    course: Course,
    image: np.ndarray,
    instruction: str,
    given: Scene | None,
    stage: Stage,
    models: Models,
    seed: int,
) -> None:
    from ...perception.labels import attentive
    from ...pipeline import perceive, reason

    if given is None:
        parser = models.parser or _builtin_parser()
        looking = attentive(parser, instruction) if stage != "perceive" else parser
        course.scene = perceive(image, perception=looking)
    else:
        course.scene = given
    if stage == "perceive":
        return
    eyes = models.parser.perception(image) if models.parser is not None and models.chat is not None else None
    if eyes is None and models.chat is not None and given is None:
        eyes = _builtin_parser().perception(image)
    course.scene, course.plan, trace = reason(
        course.scene, instruction, perception=eyes, chat=models.chat, image=image, **models.loop
    )
    course.traces.append(trace)
    if stage == "reason":
        return
    trace = Trace()
    course.traces.append(trace)
    with trace.step("region", plan=course.plan, seed=seed) as step:
        course.regions = tuple(seeded(regions(course.plan, course.scene), seed))
        step.output(regions=list(course.regions))
    if stage == "region":
        return
    if models.attempts > 1:
        _attempted(course, image, models, seed, trace)
        return
    from ...editing.executor import execute

    with trace.step("edit", image=image, regions=len(course.regions)) as step:
        course.image = execute(
            image, course.regions, models.inpainter, fill=models.fill, colour_match=models.colour_match
        )
        step.output(image=course.image)


def _attempted(course: Course, image: np.ndarray, models: Models, seed: int, trace: Trace) -> None:
    """The plan carried out as `cielr.edit` does it where every action is looked at."""
    from ...editing.attempts import Picture
    from ...editing.plan_run import Hands, PlanRun
    from ...reasoning.witness import witness_of

    assert course.plan is not None
    assert course.scene is not None
    parser, chat = models.parser, models.chat
    looks = parser is not None and getattr(parser, "detector", None) is not None
    try:
        witness = witness_of(chat) if chat is not None else None
        hands = Hands(models.inpainter, models.fill, seed, models.colour_match, models.attempts, witness)
        eyes = parser.perception if parser is not None and looks else None
        edits = PlanRun(Picture(image), False, hands, eyes, trace, None)
        edits.run(course.plan, course.scene)
    finally:
        if chat is not None:
            # it was asked about the pictures
            chat.release()
    course.image, course.regions, course.checks = edits.picture.pixels, tuple(edits.regions), tuple(edits.checks)


def _ended(course: Course, outcome: Outcome, error: Exception) -> None:
    course.outcome = outcome
    words = " ".join(str(error).split())[:600]
    course.detail = words if isinstance(error, CielrError) else f"{type(error).__name__}: {words}"
    trace = error_trace(error)
    if trace is not None and trace not in course.traces:
        course.traces.append(trace)


def _builtin_parser() -> Parser:
    from ...perception.builtin.parser import BuiltinParser

    return BuiltinParser()

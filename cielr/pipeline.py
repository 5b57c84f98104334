"""The whole way: image -> scene -> plan -> regions -> image. The public functions of the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .actions import Plan
from .core.scene import Parser, Perception, Scene
from .perception.labels import as_labels, attentive, why_not_asked
from .perception.transparency import on_what_is_visible, over_ground
from .reasoning.options import ReasonOptions
from .region import Region
from .telling.trace import Event, OnEvent, Step, Trace

if TYPE_CHECKING:
    from .editing.executor import Change
    from .editing.painters import Filler, Inpainter
    from .editing.verify import Check, Witness
    from .photos.photo import Photo
    from .reasoning.chats.protocol import Chat

Source = Any
"""A path, a PIL image, an array uint8 or float32 [H, W, 3 or 4], or a `photos.photo.Photo`."""


@dataclass(frozen=True)
class EditResult:
    """What an edit gives.

    Attributes:
        image: uint8 or float32 [H, W, 3], as the input was; bit-identical to it outside the regions.
        scene, plan, regions: how it came about; trace: with what inputs and in what time.
        changes: what was measured of each region, in their order.
        alpha: the photo's transparency, uint8 or float32 [H, W], edited with its pixels; None where it has none.
        checks: what was found out about each attempt at each action, where `attempts` asked for it.
        notices: sentences that the user should read: what did nothing, what was not found again, what was left out.
    """

    image: np.ndarray
    scene: Scene
    plan: Plan
    regions: tuple[Region, ...]
    trace: Trace
    changes: tuple[Change, ...] = ()
    alpha: np.ndarray | None = None
    checks: tuple[Check, ...] = ()
    notices: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"EditResult({self.plan!r}, {len(self.regions)} regions)"


@dataclass(frozen=True)
class EditRequest:
    """All that an edit takes besides the photo: the same object from Python, the command line and the nodes.

    Attributes:
        instruction: what is to change.
        labels: what to look for, as for `perceive`; None leaves it to the parser, which is told what the instruction
            speaks of, and what the language model sees, where it takes pictures.
        perception: None is the built-in parser, chat: None the built-in grammar, inpainter: None the built-in fill;
            none of them needs weights.
        fill: who fills holes, before an inpainter draws over them; None is the built-in fill.
        seed: equal seeds give equal bytes.
        colour_match: undo the shift in colour that a diffusion model gives to what it should have left alone.
        attempts: how often an action is painted at most, until code and eyes find that it did what it should; 1 paints
            once and checks nothing.
        options: how the instruction is to be understood.
    """

    instruction: str
    labels: str | Sequence[str] | None = None
    perception: Parser | None = None
    chat: Chat | None = None
    inpainter: Inpainter | Filler | None = None
    fill: Filler | None = None
    seed: int = 0
    colour_match: bool = True
    attempts: int = 1
    options: ReasonOptions = field(default_factory=ReasonOptions)

    @property
    def can_draw(self) -> bool:
        """Whether there is a painter that draws what words say; a filler does not."""
        return hasattr(self.inpainter, "inpaint")


def perceive(
    image: Source,
    labels: str | Sequence[str] | None = None,
    perception: Parser | None = None,
    on_event: OnEvent | None = None,
) -> Scene:
    """The scene of an image.

    Args:
        labels: what to look for, a list or one text ("coin, cup" or "coin . cup ."); None leaves it to the parser.
        perception: None is the built-in parser, which needs no weights.

    Raises:
        ImageError: where the image cannot be used.
    """
    photo = _photo(image)
    parser = on_what_is_visible(perception or _builtin_parser(), photo)
    return _perceive(photo.pixels, as_labels(labels), parser, Trace(), on_event)


def reason(
    scene: Scene,
    instruction: str,
    perception: Perception | None = None,
    chat: Chat | None = None,
    image: np.ndarray | None = None,
    on_event: OnEvent | None = None,
    options: ReasonOptions | None = None,
    **more: Any,
) -> tuple[Scene, Plan, Trace]:
    """The plan for an instruction, with the scene as reasoning extended it.

    Args:
        perception: eyes on the photo, for what the language model asks, or for what the instruction names and the
            scene lacks; None leaves it with what the scene says.
        chat: the language model; None is the built-in grammar.
        image: shown to language models that take pictures, uint8 or float32 [H, W, 3].
        options: how the instruction is to be understood; more: fields of `ReasonOptions` by their names, such as
            `painter` and `max_rounds`, which win over those in `options`.

    Raises:
        NotUnderstood: where the built-in reasoner would have to guess; NothingMatches and Ambiguous are kinds of it.
            LLMError: where the language model cannot be used; ClarificationNeeded: where it asks.
    """
    trace = Trace()
    understood = (options or ReasonOptions()).but(**more)
    return (*_reason(scene, instruction, trace, on_event, chat, perception, image, understood), trace)


def edit(
    image: Source,
    instruction: str,
    labels: str | Sequence[str] | None = None,
    perception: Parser | None = None,
    chat: Chat | None = None,
    inpainter: Inpainter | Filler | None = None,
    seed: int = 0,
    on_event: OnEvent | None = None,
    fill: Filler | None = None,
    colour_match: bool = True,
    attempts: int = 1,
    options: ReasonOptions | None = None,
    **more: Any,
) -> EditResult:
    """The image as the instruction wants it; outside the regions not one sample changes.

    Args:
        options, more: as for `reason`; the rest as in `EditRequest`.
        on_event: told about progress; what it raises cancels the edit.

    Raises:
        ImageError: where the image cannot be used; NotUnderstood: where the instruction is not; LLMError: where the
            language model fails; ClarificationNeeded: where it asks; PlanError, EditError: where the plan cannot be
            carried out on this image or with these models.
    """
    understood = (options or ReasonOptions()).but(**more)
    request = EditRequest(
        instruction,
        labels,
        perception,
        chat,
        inpainter,
        fill,
        seed=seed,
        colour_match=colour_match,
        attempts=attempts,
        options=understood,
    )
    return carry_out(image, request, on_event)


def carry_out(image: Source, request: EditRequest, on_event: OnEvent | None = None) -> EditResult:
    """The image as a request wants it: what `edit` does, with all that it takes in one object.

    Raises:
        As `edit`.
    """
    from .editing.attempts import Picture
    from .editing.plan_run import Hands, PlanRun

    photo = _photo(image)
    pixels = photo.pixels
    parser = on_what_is_visible(request.perception or _builtin_parser(), photo)
    chat, instruction = request.chat, request.instruction
    options = request.options.but(painter=request.options.painter or request.can_draw)
    trace = Trace()
    try:
        # with `auto` the model is only asked where the grammar gives up
        asked = None if options.auto else chat
        scene = _perceive(pixels, as_labels(request.labels), parser, trace, on_event, instruction, asked)
    except BaseException:
        if chat is not None:
            # it may have said what to look for
            chat.release()
        raise
    eyes = parser.perception(pixels)
    scene, plan = _reason(scene, instruction, trace, on_event, chat, eyes, over_ground(pixels, photo.alpha), options)
    try:
        hands = Hands(
            request.inpainter, request.fill, request.seed, request.colour_match, request.attempts, _witness(request)
        )
        # eyes that look for nothing by name cannot tell whether something is there
        looks = getattr(parser, "detector", None) is not None
        start = Picture(photo.pixels, photo.alpha)
        edits = PlanRun(start, photo.is_see_through, hands, parser.perception if looks else None, trace, on_event)
        edits.run(plan, scene)
    finally:
        if chat is not None and request.attempts > 1:
            # it was asked about the pictures
            chat.release()
    picture = edits.picture
    return EditResult(
        picture.pixels,
        scene,
        plan,
        tuple(edits.regions),
        trace,
        tuple(edits.changes),
        picture.alpha,
        tuple(edits.checks),
        tuple(edits.notices),
    )


# ------------------------------------------------------------------------------------------------------------ steps


def _perceive(
    pixels: np.ndarray,
    labels: Sequence[str] | None,
    parser: Parser,
    trace: Trace,
    on_event: OnEvent | None,
    instruction: str = "",
    chat: Chat | None = None,
) -> Scene:
    with trace.step("perceive", image=pixels, labels=labels) as step:
        if labels is None and instruction:
            proposed: tuple[str, ...] = ()
            if chat is not None and not why_not_asked(parser, labels):
                from .reasoning.propose import proposal

                proposed = proposal(pixels, chat, instruction, on_event, step).labels
            parser = attentive(parser, instruction, proposed)
        scene = parser.parse(pixels, labels, on_step=_progress("perceive", "Looking at the picture", on_event))
        step.output(scene=scene)
    return scene


def _reason(
    scene: Scene,
    instruction: str,
    trace: Trace,
    on_event: OnEvent | None,
    chat: Chat | None,
    perception: Perception | None,
    image: np.ndarray | None,
    options: ReasonOptions,
) -> tuple[Scene, Plan]:
    reasoner = chat.name if chat is not None else "built in"
    with trace.step("reason", instruction=instruction, reasoner=reasoner) as step:
        _tell(on_event, Event("reason", "Understanding the instruction", 0.0))
        if chat is None:
            scene, plan = _by_grammar(scene, instruction, perception, image, step, options.painter)
        else:
            from .reasoning.loop import reason_with_llm

            scene, plan = reason_with_llm(
                scene, instruction, chat, perception, image, options, step=step, on_event=on_event
            )
        plan.check(scene)
        _tell(on_event, Event("reason", plan.summary, 1.0))
        step.output(plan=plan, scene=scene)
    return scene, plan


def _by_grammar(
    scene: Scene,
    instruction: str,
    perception: Perception | None,
    image: np.ndarray | None,
    step: Step,
    painter: bool = False,
) -> tuple[Scene, Plan]:
    """The grammar's plan; what the instruction names and the scene lacks the eyes look for, once. What is taken away
    takes along what it casts, as far as light and colour tell it from the ground."""
    from .perception.builtin.cast import with_effects
    from .reasoning.grammar.reader import plan_with_eyes

    scene, plan = plan_with_eyes(scene, instruction, perception, painter, step)
    gone = [name for action in plan.actions if action.kind in ("remove", "replace") for name in action.objects]
    named = {name for action in plan.actions for name in (*action.objects, *action.anchors, *action.keep)}
    image = getattr(perception, "image", None) if image is None else image
    return with_effects(scene, gone, named, image, step), plan


def _witness(request: EditRequest) -> Witness | None:
    """Who is asked about before and after: a language model that takes pictures, where there is one."""
    if request.chat is None or request.attempts <= 1:
        return None
    from .reasoning.witness import witness_of

    return witness_of(request.chat)


# ---------------------------------------------------------------------------------------------------------- helpers


def _photo(image: Source) -> Photo:
    from .photos.photo import read_photo

    return read_photo(image)


def _builtin_parser() -> Parser:
    from .perception.builtin.parser import BuiltinParser

    return BuiltinParser()


def _tell(on_event: OnEvent | None, event: Event) -> None:
    if on_event is not None:
        on_event(event)


def _progress(step: str, message: str, on_event: OnEvent | None) -> Callable[[int, int], None] | None:
    if on_event is None:
        return None
    return lambda done, total: on_event(Event(step, message, done / total if total else 1.0))


__all__ = ["EditRequest", "EditResult", "carry_out", "edit", "perceive", "reason"]

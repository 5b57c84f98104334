"""The stages one after the other: image -> scene -> plan -> regions -> image. The public functions of the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..actions import Plan
from ..core.scene import Parser, Perception, Scene
from ..errors import PlanError
from ..perception.labels import as_labels, attentive, why_not_asked
from ..perception.transparency import on_what_is_visible, over_ground
from ..reasoning.options import ReasonOptions
from ..telling.trace import Event, OnEvent, Step, Trace, progress_steps, tell
from .request import Draft, EditRequest, EditResult, Masks, Source

if TYPE_CHECKING:
    from ..editing.painters import Filler, Inpainter
    from ..editing.plan_run import PlanRun
    from ..editing.verify import Witness
    from ..photos.photo import Photo
    from ..reasoning.chats.protocol import Chat


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
    instruction: str = "",
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
    plan: Plan | str | Path | None = None,
    scene: Scene | str | Path | None = None,
    masks: Masks | None = None,
    variants: int = 1,
    choice: str | Sequence[int] = "",
    **more: Any,
) -> EditResult:
    """The image as the instruction, or the plan, wants it; outside the regions not one sample changes.

    Args:
        options, more: as for `reason`; the rest as in `EditRequest`.
        plan, scene: as they are, or their files.
        on_event: told about progress; what it raises cancels the edit.

    Raises:
        ImageError: where the image cannot be used; SceneError: where the scene or a mask is not of its size;
            NotUnderstood: where the instruction is not; LLMError: where the
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
        plan=Plan.load(plan) if isinstance(plan, (str, Path)) else plan,
        scene=Scene.load(scene) if isinstance(scene, (str, Path)) else scene,
        masks=masks,
        variants=variants,
        choice=choice,
    )
    return carry_out(image, request, on_event)


def carry_out(image: Source, request: EditRequest, on_event: OnEvent | None = None) -> EditResult:
    """The image as a request wants it: what `edit` does, with all that it takes in one object.

    Raises:
        As `edit`.
    """
    photo, trace, chat = _photo(image), Trace(), request.chat
    parser = on_what_is_visible(request.perception or _builtin_parser(), photo)
    scene, plan = _planned(photo, parser, request, trace, on_event)
    try:
        results = _variants(photo, parser, scene, plan, request, trace, on_event)
    finally:
        if chat is not None and request.attempts > 1:
            # it was asked about the pictures
            chat.release()
    return replace(results[0], variants=tuple(results) if request.variants > 1 else ())


def work_out(image: Source, request: EditRequest, on_event: OnEvent | None = None) -> Draft:
    """What `carry_out` would do: scene, plan and regions. Nothing is painted.

    Raises:
        As `edit`, but for what painting raises.
    """
    from ..region import regions, seeded

    photo, trace = _photo(image), Trace()
    parser = on_what_is_visible(request.perception or _builtin_parser(), photo)
    scene, plan = _planned(photo, parser, request, trace, on_event)
    with trace.step("region", plan=plan, seed=request.seed) as step:
        cut = seeded(regions(plan.named(scene), scene), request.seed)
        step.output(regions=cut)
    return Draft(scene, plan, tuple(cut), trace)


# ------------------------------------------------------------------------------------------------------------ steps


def _planned(
    photo: Photo, parser: Parser, request: EditRequest, trace: Trace, on_event: OnEvent | None
) -> tuple[Scene, Plan]:
    """The first two stages, as far as their results are not given."""
    request.check()
    chat, pixels = request.chat, photo.pixels
    options = request.options.but(painter=request.options.painter or request.can_draw)
    try:
        if request.scene is not None or request.masks is not None:
            scene = _given_scene(photo, request, trace)
        else:
            # with `auto` the model is only asked where the grammar gives up
            asked = None if options.auto else chat
            scene = _perceive(pixels, as_labels(request.labels), parser, trace, on_event, request.instruction, asked)
    except BaseException:
        if chat is not None:
            # it may have said what to look for
            chat.release()
        raise
    if request.plan is not None:
        return scene, _given_plan(request.plan, scene, request, trace)
    eyes = parser.perception(pixels)
    return _reason(scene, request.instruction, trace, on_event, chat, eyes, over_ground(pixels, photo.alpha), options)


def _given_scene(photo: Photo, request: EditRequest, trace: Trace) -> Scene:
    with trace.step("perceive", image=photo.pixels, given="scene" if request.scene is not None else "masks") as step:
        from ..perception.given.scene import given_scene

        scene = given_scene(photo.pixels, request.scene, request.masks, request.labels)
        step.output(scene=scene)
    return scene


def _given_plan(plan: Plan, scene: Scene, request: EditRequest, trace: Trace) -> Plan:
    with trace.step("reason", reasoner="given", summary=plan.summary) as step:
        try:
            plan.check(scene)
        except PlanError as error:
            if request.scene is not None:
                raise
            # the ids of a plan are those of one scene, and a new look gives new ones
            hint = "If it was made on another scene, give that one, too (--scene, scene= in Python)."
            raise PlanError([*error.problems, hint]) from error
        step.output(plan=plan, scene=scene)
    return plan


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
                from ..reasoning.propose import proposal

                proposed = proposal(pixels, chat, instruction, on_event, step).labels
            parser = attentive(parser, instruction, proposed)
        scene = parser.parse(pixels, labels, on_step=progress_steps(on_event, "perceive", "Looking at the picture"))
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
        tell(on_event, Event("reason", "Understanding the instruction", 0.0))
        if chat is None:
            scene, plan = _by_grammar(scene, instruction, perception, image, step, options.painter)
        else:
            from ..reasoning.loop import reason_with_llm

            scene, plan = reason_with_llm(
                scene, instruction, chat, perception, image, options, step=step, on_event=on_event
            )
        plan.check(scene)
        tell(on_event, Event("reason", plan.summary, 1.0))
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
    from ..perception.builtin.cast import with_effects
    from ..reasoning.grammar.reader import plan_with_eyes

    scene, plan = plan_with_eyes(scene, instruction, perception, painter, step)
    gone = [name for action in plan.actions if action.kind in ("remove", "replace") for name in action.objects]
    named = {name for action in plan.actions for name in (*action.objects, *action.anchors, *action.keep)}
    image = getattr(perception, "image", None) if image is None else image
    return with_effects(scene, gone, named, image, step), plan


def _variants(
    photo: Photo,
    parser: Parser,
    scene: Scene,
    plan: Plan,
    request: EditRequest,
    trace: Trace,
    on_event: OnEvent | None,
) -> list[EditResult]:
    """The last two stages, once for each variant; once alone where code does it all, the same each time."""
    from ..editing.attempts import Picture
    from ..editing.plan_run import Hands, run_variants
    from ..editing.variants import Choice

    painters, chosen = (request.inpainter, request.fill), Choice.of(request.choice)
    hands = Hands(*painters, request.seed, request.colour_match, request.attempts, _witness(request), choice=chosen)
    # eyes that look for nothing by name cannot tell whether something is there
    eyes = parser.perception if getattr(parser, "detector", None) is not None else None
    start = Picture(photo.pixels, photo.alpha)
    runs = run_variants(request.variants, plan, scene, start, photo.is_see_through, hands, eyes, trace, on_event)
    return [_result(scene, plan, run, trace) for run in runs]


def _result(scene: Scene, plan: Plan, run: PlanRun, trace: Trace) -> EditResult:
    return EditResult(
        run.picture.pixels,
        scene,
        plan,
        tuple(run.regions),
        trace,
        tuple(run.changes),
        run.picture.alpha,
        tuple(run.checks),
        tuple(run.notices),
        tuple(run.seeds),
    )


def _witness(request: EditRequest) -> Witness | None:
    """Who is asked about before and after: a language model that takes pictures, where there is one."""
    if request.chat is None or request.attempts <= 1:
        return None
    from ..reasoning.witness import witness_of

    return witness_of(request.chat)


# ---------------------------------------------------------------------------------------------------------- helpers


def _photo(image: Source) -> Photo:
    from ..photos.photo import read_photo

    return read_photo(image)


def _builtin_parser() -> Parser:
    from ..perception.builtin.parser import BuiltinParser

    return BuiltinParser()


__all__ = ["carry_out", "edit", "perceive", "reason", "work_out"]

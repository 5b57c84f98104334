"""`cielr plan`: how an instruction would be carried out on a scene."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import SceneError
from .given import PlanFile, check_wish
from .options import (
    Debug,
    Device,
    Json,
    Looking,
    MaxPixels,
    Overwrite,
    Quiet,
    Reasoning,
    spread,
)
from .outputs import after, check_apart, check_record, text_goal, write_text
from .streams import check_streams, is_stream, photo_of_scene, plan_from, scene_from
from .terminal import asking, complain, line, lines, print_json_text, reporting

if TYPE_CHECKING:
    from ..actions import Plan
    from ..core.scene import Parser, Scene


@spread
def plan(
    *,
    scene: Annotated[
        Path, typer.Argument(readable=False, help="A scene.json, or the folder that holds it; - is the standard input.")
    ],
    instruction: Annotated[str | None, typer.Argument(help="What to change; none with --plan.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the plan as a .json file; - is the standard output."),
    ] = None,
    given: PlanFile = None,
    edit: Annotated[
        bool,
        typer.Option("--edit", help="Open the plan in $EDITOR before it is used, and check it against the scene."),
    ] = False,
    save_scene: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the scene with what was found out on the way; the plan may name it."),
    ] = None,
    image: Annotated[
        Path | None, typer.Option(help="The scene's photo, for what the language model wants to see of it.")
    ] = None,
    looking: Looking,
    device: Device = None,
    reasoning: Reasoning,
    overwrite: Overwrite = False,
    max_pixels: MaxPixels = 100_000_000,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Show how an instruction would be carried out on a scene, without changing anything."""
    with reporting(as_json, debug):
        check_wish(instruction, given)
        if image is None and looking.is_named:
            raise typer.BadParameter("Models that look need the scene's photo; name it with --image.")
        check_streams(**{"The scene": scene, "--plan": given, "--image": image})
        to_stream = is_stream(output)
        goal = None if to_stream else text_goal(output, "plan.json", overwrite)
        scene_goal = text_goal(save_scene, "scene.json", overwrite)
        check_apart({"--output": goal, "--record": reasoning.record, "--save-scene": scene_goal})
        _refuse_photo(scene)
        known = scene_from(scene, max_pixels)
        check_record(reasoning.record, overwrite)
        if given is not None:
            extended, made, reader = known, plan_from(given), ""
            made.check(known)
        else:
            assert instruction is not None
            parser = looking.parser(device)
            eyes = _eyes(image, known, parser, max_pixels) if image is not None else {}
            extended, made, reader = _reasoned(known, instruction, eyes, reasoning, interactive=not as_json)
        if edit:
            made = _edited(made, extended)
        if goal is not None:
            write_text(goal, made.to_json())
        if scene_goal is not None:
            with after(goal):
                write_text(scene_goal, extended.to_json())
        elif not quiet and (words := _new_words(made, known)):
            complain(words)
        if as_json or to_stream:
            print_json_text(made.to_json())
        elif not quiet:
            from ..telling.wording import plan_words

            if reader:
                line("Read by", reader)
            lines("Plan", plan_words(made))
            for path in (goal, scene_goal):
                if path is not None:
                    line("Written", str(path))


def _reasoned(
    known: Scene, instruction: str, eyes: dict[str, Any], reasoning: Reasoning, interactive: bool
) -> tuple[Scene, Plan, str]:
    """The scene as extended, the plan, and who understood the instruction."""
    from ..pipeline import reason
    from ..telling.wording import reader_words

    extended, made, trace = asking(
        lambda words: reason(known, instruction, **eyes, **words), reasoning.arguments(), interactive=interactive
    )
    return extended, made, reader_words(trace)


def _edited(made: Plan, scene: Scene) -> Plan:
    """The plan as the user leaves it in the editor."""
    from ..actions import Plan
    from .editor import edited

    return Plan.from_json(edited(made.to_json(), "plan.json", lambda text: Plan.from_json(text).check(scene)))


def _new_words(made: Plan, known: Scene) -> str:
    """A sentence on what a plan names and only the extended scene holds, or ""."""
    from ..core.text import listed

    named = {name for action in made.actions for name in (*action.objects, *action.anchors, *action.keep)}
    made_by_plan = {name for action in made.named(known).actions for name in getattr(action, "makes", ())}
    new = sorted(named - set(known.ids) - made_by_plan)
    if not new:
        return ""
    return f"The plan names {listed(new)}, found just now; --save-scene FILE writes the scene that goes with it."


def _refuse_photo(scene: Path) -> None:
    """Raises SceneError where the file of a scene is a photo by its name."""
    from ..photos.write import FORMATS

    if scene.suffix.lower() in (*FORMATS, ".gif"):
        raise SceneError(
            f"{scene} is a photo, and a plan is made from a scene: `cielr scene {scene} -o scene.json` writes one, "
            f"`cielr edit {scene}` with the instruction plans and edits at once."
        )


def _eyes(image: Path, known: Scene, parser: Parser | None, max_pixels: int) -> dict[str, Any]:
    """What a language model needs to look at a scene's photo: the arguments of `reason`."""
    from ..perception.builtin.parser import BuiltinParser

    pixels = photo_of_scene(image, known, max_pixels).pixels
    return {"perception": (parser or BuiltinParser()).perception(pixels), "image": pixels}

"""`cielr plan`: how an instruction would be carried out on a scene."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import SceneError
from .options import (
    Debug,
    Device,
    Instruction,
    Json,
    Looking,
    MaxPixels,
    Overwrite,
    Quiet,
    Reasoning,
    check_instruction,
    spread,
)
from .outputs import check_apart, check_record, text_goal, write_text
from .terminal import asking, line, lines, print_json_text, reporting

if TYPE_CHECKING:
    from ..core.scene import Parser, Scene


@spread
def plan(
    *,
    scene: Annotated[Path, typer.Argument(readable=False, help="A scene.json, or the folder that holds it.")],
    instruction: Instruction,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the plan as a .json file.")] = None,
    image: Annotated[
        Path | None, typer.Option("--image", help="The scene's photo, for what the language model wants to see of it.")
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
        check_instruction(instruction)
        if image is None and looking.is_named:
            raise typer.BadParameter("Models that look need the scene's photo; name it with --image.")
        from ..core.scene import Scene
        from ..pipeline import reason

        goal = text_goal(output, "plan.json", overwrite)
        check_apart({"--output": goal, "--record": reasoning.record})
        _refuse_photo(scene)
        known = Scene.load(scene, max_pixels)
        check_record(reasoning.record, overwrite)
        reasons = reasoning.arguments()
        parser = looking.parser(device)
        eyes = _eyes(image, known, parser, max_pixels) if image is not None else {}
        _, made, _ = asking(lambda words: reason(known, instruction, **eyes, **words), reasons, interactive=not as_json)
        if goal is not None:
            write_text(goal, made.to_json())
        if as_json:
            print_json_text(made.to_json())
        elif not quiet:
            from ..telling.wording import plan_words

            lines("Plan", plan_words(made))
            if goal is not None:
                line("Written", str(goal))


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
    from ..photos.photo import read_photo

    pixels = read_photo(image, max_pixels).pixels
    if pixels.shape[:2] != (known.height, known.width):
        raise SceneError(
            f"{image} is {pixels.shape[1]} x {pixels.shape[0]} pixels and the scene {known.width} x {known.height}; "
            "name the photo that the scene was made of."
        )
    return {"perception": (parser or BuiltinParser()).perception(pixels), "image": pixels}

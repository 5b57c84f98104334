"""The command `cielr`: edit a photo by an instruction, look at its scene, make a plan, ask what works here."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import __version__
from .bench_command import bench
from .comfy_command import comfy
from .errors import CielrError, ClarificationNeeded, ImageError, NotUnderstood, SceneError
from .options import (
    Answer,
    Assume,
    ColourMatch,
    Debug,
    Depth,
    Detector,
    Device,
    Dtype,
    Fill,
    Guidance,
    Image,
    Instruction,
    Json,
    Labels,
    Llm,
    MaxPixels,
    Offload,
    Overwrite,
    Painter,
    PainterConfig,
    Perception,
    Quiet,
    Record,
    Rounds,
    Scheduler,
    Segmenter,
    Size,
    Steps,
    Vision,
)
from .terminal import CANCELLED, DONE, EXIT_CODES, FAILED, USAGE, line, print_json, progress, reporting
from .weights_command import weights

if TYPE_CHECKING:
    from .images import Photo
    from .pipeline import EditResult
    from .scene import Parser, Scene
    from .trace import Trace

QUESTIONS = 3
"""That the language model may put to the user; after them it has to decide."""
MAX_INSTRUCTION = 2000
"""Characters; nobody writes more about one photo, and a whole file in its place is a mistake."""

app = typer.Typer(
    name="cielr",
    help="Edit photos by instruction.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"cielr {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it and end.")
    ] = False,
) -> None:
    pass


# --------------------------------------------------------------------------------------------------------- commands


@app.command(epilog=EXIT_CODES)
def edit(
    image: Image,
    instruction: Instruction,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Where to write; its suffix is the format. NAME-edited beside the photo where not given.",
        ),
    ] = None,
    labels: Labels = None,
    perception: Perception = None,
    detector: Detector = None,
    segmenter: Segmenter = None,
    depth: Depth = None,
    llm: Llm = "builtin",
    assume: Assume = False,
    answer: Answer = None,
    max_rounds: Rounds = 4,
    record: Record = None,
    vision: Vision = False,
    inpainter: Painter = None,
    inpainter_config: PainterConfig = None,
    fill: Fill = "auto",
    steps: Steps = None,
    guidance: Guidance = None,
    scheduler: Scheduler = None,
    size: Size = None,
    offload: Offload = "none",
    device: Device = None,
    dtype: Dtype = None,
    colour_match: ColourMatch = True,
    seed: Annotated[int, typer.Option("--seed", help="Equal seeds give equal files.")] = 0,
    quality: Annotated[
        int | None,
        typer.Option(
            "--quality", min=1, max=100, help="Of JPEG, WebP (100: lossless), HEIC, AVIF. 95 where not given."
        ),
    ] = None,
    overwrite: Overwrite = False,
    trace: Annotated[
        Path | None, typer.Option("--trace", metavar="DIR", help="Write trace.json and trace.html there.")
    ] = None,
    max_pixels: MaxPixels = 100_000_000,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Edit a photo as the instruction says; outside the edited regions no pixel changes.

    A file keeps that as PNG, TIFF, BMP, or WebP of quality 100; JPEG, HEIC and AVIF compress the whole photo anew.
    """
    with reporting(as_json, debug):
        _check_instruction(instruction)
        wanted = _labels(labels)
        from .images import check_output, read_photo, write_photo
        from .models import named_chat, named_fill, named_inpainter, named_parser

        chat, auto = named_chat(llm, record, **({"vision": True} if vision else {}))
        photo = read_photo(image, max_pixels)
        goal = check_output(output or _default_output(image), photo, overwrite, quality)
        models = {
            "perception": named_parser(
                perception, detector, segmenter, depth, device, offload=True if offload != "none" else None
            ),
            "inpainter": named_inpainter(
                inpainter,
                config=inpainter_config,
                steps=steps,
                guidance=guidance,
                scheduler=scheduler,
                size=size,
                offload=offload,
                device=device,
                dtype=dtype,
            ),
            "fill": named_fill(fill, device),
            "colour_match": colour_match,
        }
        try:
            result = _asking(
                lambda words: _run_edit(photo, instruction, wanted, chat, seed, quiet or as_json, models | words),
                {"max_rounds": max_rounds, "assume": assume, "auto": auto, "answer": answer} if chat else {},
                interactive=not as_json,
            )
        except Exception as error:
            _save_broken_trace(error, trace, photo)
            raise
        if trace is not None:
            _save_trace(result.trace, trace, photo)
        write_photo(goal, result.image, photo, overwrite, quality)
        changed = int((result.image != photo.pixels).any(axis=2).sum())
        notices = _notices(result)
        if as_json:
            print_json(
                {
                    "output": str(goal),
                    "width": photo.width,
                    "height": photo.height,
                    "seed": seed,
                    "seconds": round(result.trace.seconds, 3),
                    "trace": str(trace) if trace is not None else None,
                    "objects": _objects(result.scene),
                    "plan": result.plan.model_dump(mode="json", by_alias=True),
                    "regions": [
                        {
                            "action": region.index,
                            "part": region.part,
                            "box": list(region.support.box.corners),
                            "pixels": region.support.area,
                            "changed_pixels": change.pixels,
                            "mean_change": round(change.mean, 6),
                            "changed_outside": change.outside,
                            "seconds": round(change.seconds, 3),
                        }
                        for region, change in zip(result.regions, result.changes, strict=True)
                    ],
                    "changed_pixels": changed,
                    "notices": notices,
                }
            )
        elif not quiet:
            from .wording import action_words, counted, scene_words

            line("Seen", scene_words(result.scene))
            for number, action in enumerate(result.plan.actions, start=1):
                line("Plan" if number == 1 else "", f"{number}. {action_words(action)}.")
            share = 100 * changed / (photo.width * photo.height)
            told = f"{share:.0f}" if share >= 10 else f"{share:.2g}"
            line("Changed", f"{counted(len(result.regions), 'region')}, {told} % of the pixels")
            for words in notices:
                line("Notice", words)
            if trace is not None:
                line("Trace", str(trace / "trace.html"))
            line("Written", f"{goal} ({photo.width} x {photo.height}, {result.trace.seconds:.1f} s)")


@app.command(epilog=EXIT_CODES)
def scene(
    image: Image,
    labels: Labels = None,
    perception: Perception = None,
    detector: Detector = None,
    segmenter: Segmenter = None,
    depth: Depth = None,
    device: Device = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the scene: a .json file, or a folder for scene.json.")
    ] = None,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", help="Write the photo with every object's outline and id.")
    ] = None,
    overwrite: Overwrite = False,
    max_pixels: MaxPixels = 100_000_000,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Show what is seen in a photo: objects with ids, places and sizes."""
    with reporting(as_json, debug):
        wanted = _labels(labels)
        from .images import check_output, read_photo, write_photo
        from .models import named_parser
        from .pipeline import perceive

        photo = read_photo(image, max_pixels)
        goal = _text_goal(output, "scene.json", overwrite)
        if overlay is not None:
            check_output(overlay, overwrite=overwrite)
        parser = named_parser(perception, detector, segmenter, depth, device)
        with progress(quiet or as_json) as on_event:
            found = perceive(photo.pixels, labels=wanted, perception=parser, on_event=on_event)
        if overlay is not None:
            from .overlay import overlay as drawn

            write_photo(overlay, drawn(photo.pixels, found), overwrite=overwrite)
        if goal is not None:
            _write_text(goal, found.to_json())
        if as_json:
            print(found.to_json(), end="")
        elif not quiet:
            _print_scene(found)
            for path in (goal, overlay):
                if path is not None:
                    line("Written", str(path))


@app.command(epilog=EXIT_CODES)
def plan(
    scene: Annotated[Path, typer.Argument(readable=False, help="A scene.json, or the folder that holds it.")],
    instruction: Instruction,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the plan as a .json file.")] = None,
    image: Annotated[
        Path | None, typer.Option("--image", help="The scene's photo, for what the language model wants to see of it.")
    ] = None,
    perception: Perception = None,
    detector: Detector = None,
    segmenter: Segmenter = None,
    depth: Depth = None,
    device: Device = None,
    llm: Llm = "builtin",
    assume: Assume = False,
    answer: Answer = None,
    max_rounds: Rounds = 4,
    record: Record = None,
    vision: Vision = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Show how an instruction would be carried out on a scene, without changing anything."""
    with reporting(as_json, debug):
        _check_instruction(instruction)
        if image is None and (perception or detector or segmenter or depth):
            raise typer.BadParameter("Models that look need the scene's photo; name it with --image.")
        from .models import named_chat, named_parser
        from .pipeline import reason
        from .scene import Scene

        goal = _text_goal(output, "plan.json", overwrite)
        chat, auto = named_chat(llm, record, **({"vision": True} if vision else {}))
        known = Scene.load(scene)
        parser = named_parser(perception, detector, segmenter, depth, device)
        eyes = _eyes(image, known, parser) if image is not None else {}
        _, made, _ = _asking(
            lambda words: reason(known, instruction, chat=chat, **eyes, **words),
            {"max_rounds": max_rounds, "assume": assume, "auto": auto, "answer": answer} if chat else {},
            interactive=not as_json,
        )
        if goal is not None:
            _write_text(goal, made.to_json())
        if as_json:
            print(made.to_json(), end="")
        elif not quiet:
            from .wording import action_words

            for number, action in enumerate(made.actions, start=1):
                line("Plan" if number == 1 else "", f"{number}. {action_words(action)}.")
            if goal is not None:
                line("Written", str(goal))


app.add_typer(bench, name="bench")
app.add_typer(comfy, name="comfy")
app.add_typer(weights, name="weights")


@app.command(epilog=EXIT_CODES)
def doctor(as_json: Json = False, debug: Debug = False) -> None:
    """Say what works on this machine, and what to do about what does not."""
    with reporting(as_json, debug):
        from .doctor import examine, report

        found = examine()
        if as_json:
            print_json(found.as_dict())
        else:
            print(report(found))
        if not found.usable:
            raise typer.Exit(FAILED)


def _run_edit(photo: Photo, instruction: str, labels, chat, seed: int, silent: bool, words: dict[str, Any]):
    from .pipeline import edit as run

    with progress(silent) as on_event:
        return run(photo.pixels, instruction, labels=labels, chat=chat, seed=seed, on_event=on_event, **words)


def _eyes(image: Path, known: Scene, parser: Parser | None) -> dict[str, Any]:
    """What a language model needs to look at a scene's photo: the arguments of `reason`."""
    from .images import read_photo
    from .perception.builtin import BuiltinParser

    pixels = read_photo(image).pixels
    if pixels.shape[:2] != (known.height, known.width):
        raise SceneError(
            f"{image} is {pixels.shape[1]} x {pixels.shape[0]} pixels and the scene {known.width} x {known.height}; "
            "name the photo that the scene was made of."
        )
    return {"perception": (parser or BuiltinParser()).perception(pixels), "image": pixels}


def _asking(run: Callable[[dict[str, Any]], Any], words: dict[str, Any], interactive: bool) -> Any:
    """What `run` gives; a question of the language model is put to the user, where one sits at the terminal."""
    for _ in range(QUESTIONS):
        try:
            return run(words)
        except ClarificationNeeded as error:
            if not (interactive and sys.stdin.isatty() and sys.stderr.isatty()):
                raise
            choices = f" ({' / '.join(error.choices)})" if error.choices else ""
            said = typer.prompt(f"{error.question}{choices}", err=True)
            words = words | {"answer": error.answered(said, words.get("answer"))}
    return run(words | {"assume": True})


# ------------------------------------------------------------------------------------------------------- what it says


def _print_scene(found: Scene) -> None:
    from .wording import plain, scene_words

    line("Seen", scene_words(found))
    rows = [("id", "label", "centre", "size", "share")]
    for thing in found.objects:
        x, y = thing.mask.centroid
        share = 100 * thing.mask.area / (found.width * found.height)
        size = f"{thing.box.width} x {thing.box.height}"
        rows.append((thing.id, plain(thing.label)[:40], f"{x:.0f}, {y:.0f}", size, f"{share:.1f} %"))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for row in rows if found.objects else ():
        print(" ".join(f"{text:<{width + 1}}" for text, width in zip(row, widths, strict=True)).rstrip())
    if found.absent:
        line("Not seen", ", ".join(plain(label) for label in found.absent))


def _objects(found: Scene) -> list[dict[str, Any]]:
    """The scene's objects without their masks, which `cielr scene --json` gives."""
    return [thing.model_dump(mode="json", exclude={"mask"}) | {"pixels": thing.mask.area} for thing in found.objects]


def _notices(result: EditResult) -> list[str]:
    """What of the plan did nothing, or nothing that can be seen."""
    from .wording import change_words, idle_words

    unseen = [change_words(change) for change in result.changes if not change.is_seen]
    return idle_words(result.plan, result.regions) + unseen


# ------------------------------------------------------------------------------------------------------ checks, files


def _check_instruction(text: str) -> None:
    if not text.strip():
        raise NotUnderstood('The instruction is empty; say what is to change, such as "remove the largest coin".')
    if len(text) > MAX_INSTRUCTION:
        raise NotUnderstood(f"The instruction has {len(text):,} characters, over the limit of {MAX_INSTRUCTION:,}.")


def _labels(given: Sequence[str] | None) -> list[str] | None:
    if not given:
        return None
    names = [name.strip() for part in given for name in part.split(",") if name.strip()]
    if not names:
        raise typer.BadParameter("--labels names nothing; write for example --labels coin,cup.")
    return list(dict.fromkeys(names))


def _default_output(image: Path) -> Path:
    from .images import FORMATS

    suffix = image.suffix if image.suffix.lower() in FORMATS else ".png"
    return image.with_name(f"{image.stem}-edited{suffix}")


def _text_goal(output: Path | None, name: str, overwrite: bool) -> Path | None:
    """The file that a scene or a plan is to be written to, checked before the work."""
    if output is None:
        return None
    goal = output if output.suffix.lower() == ".json" else output / name
    if goal.exists() and not overwrite:
        raise ImageError(f"{goal} exists already; choose another name, or allow it with --overwrite.")
    return goal


def _write_text(path: Path, text: str) -> None:
    from .serial import write_text

    try:
        write_text(path, text)
    except OSError as error:
        raise ImageError(f"{path} cannot be written: {error.strerror or error}.") from error


def _save_trace(trace: Trace, folder: Path, photo: Photo) -> None:
    try:
        trace.save(folder, original=photo.pixels)
    except CielrError as error:
        # to the caller it is one more output that cannot be written
        raise ImageError(str(error)) from error


def _save_broken_trace(error: Exception, folder: Path | None, photo: Photo) -> None:
    """How far it came, where a trace was asked for; the failure itself stays the news."""
    from .trace import error_trace

    found = error_trace(error)
    if folder is None or found is None:
        return
    try:
        found.save(folder, original=photo.pixels)
    except CielrError as second:
        print(second, file=sys.stderr)


# ---------------------------------------------------------------------------------------------------------------- main


def main(arguments: Sequence[str] | None = None) -> int:
    """The entry point: the exit code, with everything said."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # a label that the terminal cannot show must not stop the work
            stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue]
    try:
        code = app(args=list(sys.argv[1:] if arguments is None else arguments), standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except (KeyboardInterrupt, typer.Abort):
        print("Cancelled.", file=sys.stderr)
        return CANCELLED
    except typer.Exit as error:
        return error.exit_code
    except BrokenPipeError:
        # whoever read our output has seen enough; keep the interpreter from complaining at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        # what the parser of arguments says, whichever package it comes from
        if not hasattr(error, "format_message"):
            raise
        message = error.format_message()  # pyright: ignore[reportAttributeAccessIssue]
        if message:
            print(f"{message.rstrip('.')}. `cielr --help` shows the usage.", file=sys.stderr)
        return getattr(error, "exit_code", USAGE)


__all__ = ["app", "main"]

"""`cielr edit`: a photo and an instruction become an edited photo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import (
    Debug,
    Image,
    Instruction,
    Json,
    Labels,
    Looking,
    MaxPixels,
    Overwrite,
    Painting,
    Quiet,
    Reasoning,
    check_instruction,
    label_names,
    spread,
)
from .outputs import beside, check_apart, check_record, check_trace, save_broken_trace, save_trace
from .terminal import asking, line, lines, print_json, progress, reporting

if TYPE_CHECKING:
    from ..photos.photo import Photo
    from ..pipeline import EditResult


@spread
def edit(
    *,
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
    looking: Looking,
    reasoning: Reasoning,
    painting: Painting,
    seed: Annotated[int, typer.Option("--seed", help="Equal seeds give equal files.")] = 0,
    quality: Annotated[
        int | None,
        typer.Option(
            "--quality", min=1, max=100, help="Of JPEG, WebP (100: lossless), HEIC, AVIF. 95 where not given."
        ),
    ] = None,
    compress: Annotated[
        bool, typer.Option("--compress", help="A smaller PNG or TIFF, which takes far longer to write.")
    ] = False,
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
        check_instruction(instruction)
        wanted = label_names(labels)
        from ..photos.photo import read_photo
        from ..photos.write import check_output, write_photo

        photo = read_photo(image, max_pixels)
        goal = check_output(output or beside(image), photo, overwrite, quality)
        check_trace(trace, overwrite)
        check_apart({"--output": goal, "--record": reasoning.record, "--trace": trace})
        check_record(reasoning.record, overwrite)
        reasons = reasoning.arguments()
        models = {
            "labels": wanted,
            "seed": seed,
            "perception": looking.parser(painting.device, offload=True if painting.offload != "none" else None),
            **painting.arguments(),
        }
        try:
            result = asking(
                lambda words: _run(photo, instruction, quiet or as_json, models | words),
                reasons,
                interactive=not as_json,
            )
        except Exception as error:
            save_broken_trace(error, trace, photo)
            raise
        # the photo first: what can happen to a trace must not cost it
        write_photo(goal, result.image, replace(photo, alpha=result.alpha), overwrite, quality, small=compress)
        if trace is not None:
            save_trace(result.trace, trace, photo, goal)
        if as_json:
            print_json(_facts(result, photo, goal, seed, trace))
        elif not quiet:
            _tell(result, photo, goal, trace)


def _run(photo: Photo, instruction: str, silent: bool, words: dict[str, Any]) -> EditResult:
    from .. import pipeline

    with progress(silent) as on_event:
        return pipeline.edit(photo, instruction, on_event=on_event, **words)


def _facts(result: EditResult, photo: Photo, goal: Path, seed: int, trace: Path | None) -> dict[str, Any]:
    """What --json prints."""
    return {
        "output": str(goal),
        "width": photo.width,
        "height": photo.height,
        "seed": seed,
        "seconds": round(result.trace.seconds, 3),
        "trace": str(trace) if trace is not None else None,
        # without their masks, which `cielr scene --json` gives
        "objects": [
            thing.model_dump(mode="json", exclude={"mask"}) | {"pixels": thing.mask.area}
            for thing in result.scene.objects
        ],
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
        "changed_pixels": _changed(result, photo),
        "notices": _notices(result, photo, goal),
    }


def _tell(result: EditResult, photo: Photo, goal: Path, trace: Path | None) -> None:
    from ..core.text import counted
    from ..telling.wording import plan_words, scene_words

    line("Seen", scene_words(result.scene))
    lines("Plan", plan_words(result.plan))
    share = 100 * _changed(result, photo) / (photo.width * photo.height)
    told = f"{share:.0f}" if share >= 10 else f"{share:.2g}"
    line("Changed", f"{counted(len(result.regions), 'region')}, {told} % of the pixels")
    for words in _notices(result, photo, goal):
        line("Notice", words)
    if trace is not None:
        line("Trace", str(trace / "trace.html"))
    line("Written", f"{goal} ({photo.width} x {photo.height}, {result.trace.seconds:.1f} s)")


def _changed(result: EditResult, photo: Photo) -> int:
    """Pixels."""
    differs = (result.image != photo.pixels).any(axis=2)
    if result.alpha is not None:
        opaque = 255 if result.alpha.dtype.name == "uint8" else 1
        differs |= result.alpha != (photo.alpha if photo.alpha is not None else opaque)
    return int(differs.sum())


def _notices(result: EditResult, photo: Photo, goal: Path) -> list[str]:
    """What was not seen as it was asked for; what of the plan did nothing, or nothing that can be seen; what of the
    photo's file the new one does not hold."""
    from ..photos.write import left_out
    from ..telling.wording import change_words

    seen = [result.scene.caption] if result.scene.caption else []
    unseen = [change_words(change) for change in result.changes if not change.is_seen]
    lost = left_out(goal, photo)
    return [*seen, *result.notices, *unseen, *([lost] if lost else [])]

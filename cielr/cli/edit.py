"""`cielr edit`: a photo and an instruction, or a plan, become an edited photo."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .given import GivenThings, Kept, PlanFile, SceneFile, check_given
from .options import (
    Debug,
    Image,
    Json,
    Labels,
    Looking,
    MaxPixels,
    Overwrite,
    Painting,
    Quiet,
    Reasoning,
    label_names,
    spread,
)
from .outputs import after, beside, check_apart, check_record, check_trace, save_broken_trace, save_trace
from .streams import check_streams, is_stream, photo_from, plan_from, scene_from, suffix_for, write_bytes_out
from .terminal import asking, complain, line, lines, print_json, progress, reporting

if TYPE_CHECKING:
    from ..photos.photo import Photo
    from ..pipeline import Draft, EditRequest, EditResult


@spread
def edit(
    *,
    image: Image,
    instruction: Annotated[
        str | None,
        typer.Argument(help='What to change, such as "remove the second coin from the left"; none with --plan.'),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Where to write; its suffix is the format. NAME-edited beside the photo by default, - is the "
            "standard output.",
        ),
    ] = None,
    labels: Labels = None,
    scene: SceneFile = None,
    plan: PlanFile = None,
    things: GivenThings,
    looking: Looking,
    reasoning: Reasoning,
    painting: Painting,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal files.")] = 0,
    variants: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            max=12,
            help="This many edits, each painted with other seeds: NAME-1, NAME-2 and so on. Prints their seeds.",
        ),
    ] = 1,
    choice: Annotated[
        str,
        typer.Option(
            metavar="SEEDS",
            help="One edit from the variants you keep: their seeds, as --variants printed them. Other regions get "
            "their first.",
        ),
    ] = "",
    quality: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="Quality of JPEG, WebP (100: lossless), HEIC and AVIF; 95 by default."),
    ] = None,
    compress: Annotated[
        bool, typer.Option("--compress", help="A smaller PNG or TIFF, which takes far longer to write.")
    ] = False,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", help="Format of the standard output: png, jpg, …; by default the photo's own."
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Change nothing: write a picture of the plan's regions (NAME-regions.png)."),
    ] = False,
    kept: Kept,
    overwrite: Overwrite = False,
    trace: Annotated[Path | None, typer.Option(metavar="DIR", help="Write trace.json and trace.html there.")] = None,
    max_pixels: MaxPixels = 100_000_000,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Edit a photo as the instruction, or the plan, says; outside the edited regions no pixel changes.

    A file keeps that as PNG, TIFF, BMP, or WebP of quality 100; JPEG, HEIC and AVIF compress the whole photo anew.
    """
    with reporting(as_json, debug):
        check_given(instruction, plan, scene, things, labels=labels)
        check_streams(**{"The photo": image, "--scene": scene, "--plan": plan})
        wanted = label_names(labels)
        photo = photo_from(image, max_pixels)
        target = Target.of(image, output, photo, form, dry_run, as_json, variants)
        target.check(photo, overwrite, quality)
        check_trace(trace, overwrite)
        goals = kept.goals(overwrite)
        check_apart({**target.goals, "--record": reasoning.record, "--trace": trace, **goals})
        check_record(reasoning.record, overwrite)
        parser = looking.parser(painting.device, offload=True if painting.offload != "none" else None)
        given: dict[str, Any] = {"labels": wanted, "seed": seed, "perception": parser, **painting.arguments()}
        given |= {"variants": variants, "choice": choice}
        if plan is not None:
            given["plan"] = plan_from(plan)
        if scene is not None:
            given["scene"] = scene_from(scene, max_pixels)
        elif things:
            given |= {"scene": things.scene(photo, image, wanted, parser), "labels": None}
        try:
            silent = quiet or as_json or target.is_stream
            result = asking(
                lambda words: _run(photo, instruction or "", silent, given | words, dry_run),
                reasoning.arguments(),
                interactive=not as_json,
            )
        except Exception as error:
            save_broken_trace(error, trace, photo)
            raise
        # the photo first: what can happen to a trace must not cost it
        target.write(result, photo, overwrite, quality, compress)
        with after(None if target.is_stream else target.paths[0]):
            written = kept.write(goals, result.scene, result.plan)
        if trace is not None:
            save_trace(result.trace, trace, photo, target.paths[0])
        if as_json:
            print_json(_facts(result, photo, target, seed, trace))
        elif not quiet:
            _tell(result, photo, target, trace, written)


@dataclass(frozen=True)
class Target:
    """Where the result goes: a file, or the standard output in the format of the path's suffix.

    Attributes:
        variants: so many files, NAME-1, NAME-2 and so on; 1 is the path itself.
    """

    path: Path
    is_stream: bool = False
    is_draft: bool = False
    variants: int = 1

    @classmethod
    def of(
        cls,
        image: Path,
        output: Path | None,
        photo: Photo,
        form: str | None,
        dry_run: bool,
        as_json: bool,
        variants: int = 1,
    ) -> Target:
        """The goal of a photo's edit.

        Raises:
            BadParameter: where options contradict each other; ImageError: for a format that nobody writes.
        """
        stream = is_stream(output) or (output is None and is_stream(image))
        if stream and as_json:
            raise typer.BadParameter("--json and the photo cannot both go to the standard output; name an --output.")
        if variants > 1 and dry_run:
            raise typer.BadParameter("--dry-run paints nothing, so there are no --variants of it.")
        if variants > 1 and stream:
            raise typer.BadParameter("--variants are several photos, and the standard output takes one; use --output.")
        if form is not None and not stream:
            raise typer.BadParameter("--format is for the standard output; a file's suffix says its format.")
        if stream:
            return cls(Path(f"photo{suffix_for(photo, 'png' if dry_run and form is None else form)}"), True, dry_run)
        if output is None and dry_run:
            output = beside(image).with_name(f"{image.stem}-regions.png")
        return cls(output or beside(image), is_draft=dry_run, variants=variants)

    @property
    def paths(self) -> list[Path]:
        """Of every variant, in their order."""
        if self.variants == 1:
            return [self.path]
        numbers = range(1, self.variants + 1)
        return [self.path.with_name(f"{self.path.stem}-{number}{self.path.suffix}") for number in numbers]

    @property
    def goals(self) -> dict[str, Path | None]:
        """The files by the option that names them."""
        if self.is_stream:
            return {}
        names = ["--output"] if self.variants == 1 else [f"--output (variant {n + 1})" for n in range(self.variants)]
        return dict(zip(names, self.paths, strict=True))

    def of_results(self, result: EditResult | Draft) -> list[tuple[Path, EditResult | Draft]]:
        """Each file with what goes into it."""
        several = getattr(result, "variants", ()) or (result,)
        return list(zip(self.paths, several, strict=False))

    def check(self, photo: Photo, overwrite: bool, quality: int | None) -> None:
        """Raises ImageError where it cannot be written."""
        from ..photos.write import check_format, check_output

        like = None if self.is_draft else photo
        if self.is_stream:
            check_format(self.path, like, quality)
        for path in [] if self.is_stream else self.paths:
            check_output(path, like, overwrite, quality)

    def write(
        self, result: EditResult | Draft, photo: Photo, overwrite: bool, quality: int | None, compress: bool
    ) -> None:
        from ..photos.write import photo_bytes, write_photo

        for path, single in self.of_results(result):
            pixels, like = _picture(single, photo)
            if self.is_stream:
                write_bytes_out(photo_bytes(path, pixels, like, quality, compress))
            else:
                write_photo(path, pixels, like, overwrite, quality, small=compress)


def _picture(result: EditResult | Draft, photo: Photo) -> tuple[Any, Photo | None]:
    """(pixels, the photo that they were made from)."""
    from ..pipeline import EditResult

    if isinstance(result, EditResult):
        return result.image, replace(photo, alpha=result.alpha)
    from ..telling.overlay import regions_overlay

    return regions_overlay(photo.pixels, result.scene, result.regions), None


def _run(photo: Photo, instruction: str, silent: bool, words: dict[str, Any], dry_run: bool) -> EditResult | Draft:
    from .. import pipeline

    with progress(silent) as on_event:
        run = pipeline.work_out if dry_run else pipeline.carry_out
        return run(photo, edit_request(instruction, words), on_event=on_event)


def edit_request(instruction: str, words: dict[str, Any]) -> EditRequest:
    """The request of `edit`'s arguments: fields of `EditRequest`, and of `ReasonOptions`."""
    from ..pipeline import EditRequest
    from ..reasoning.options import ReasonOptions

    own = {field.name for field in fields(EditRequest)}
    loop = {name: value for name, value in words.items() if name not in own}
    return EditRequest(
        instruction,
        options=ReasonOptions().but(**loop),
        **{name: value for name, value in words.items() if name in own},
    )


def _facts(result: EditResult | Draft, photo: Photo, target: Target, seed: int, trace: Path | None) -> dict[str, Any]:
    """What --json prints; of several variants the first, with a list of them all."""
    from ..telling.wording import reader_words

    goal = target.paths[0]
    facts: dict[str, Any] = {
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
        "read_by": reader_words(result.trace),
    }
    changes = getattr(result, "changes", None)
    if changes is None:
        return facts | {"regions": _regions(result), "notices": _notices(result, photo, goal), "dry_run": True}
    facts |= _measured(result, photo, goal)
    if target.variants > 1:
        facts["variants"] = [
            {"output": str(path), **_measured(single, photo, path)} for path, single in target.of_results(result)
        ]
    return facts


def _regions(result: EditResult | Draft) -> list[dict[str, Any]]:
    return [
        {
            "action": region.index,
            "part": region.part,
            "box": list(region.support.box.corners),
            "pixels": region.support.area,
        }
        for region in result.regions
    ]


def _measured(result: Any, photo: Photo, goal: Path) -> dict[str, Any]:
    """What one edit changed, and by which seeds."""
    measured = [
        {
            "changed_pixels": change.pixels,
            "mean_change": round(change.mean, 6),
            "changed_outside": change.outside,
            "seconds": round(change.seconds, 3),
        }
        for change in result.changes
    ]
    return {
        "regions": [region | change for region, change in zip(_regions(result), measured, strict=True)],
        "changed_pixels": _changed(result, photo),
        "notices": _notices(result, photo, goal),
        "seeds": list(result.seeds),
    }


def _tell(result: EditResult | Draft, photo: Photo, target: Target, trace: Path | None, written: list[Path]) -> None:
    from ..core.text import counted
    from ..telling.wording import plan_words, reader_words, scene_words

    notices = _notices(result, photo, target.paths[0])
    if target.is_stream:
        # the standard output is the photo's alone
        for words in notices:
            complain(words)
        return
    line("Seen", scene_words(result.scene))
    if reader := reader_words(result.trace):
        line("Read by", reader)
    lines("Plan", plan_words(result.plan))
    regions = counted(len(result.regions), "region")
    if target.is_draft:
        line("Planned", f"{regions}; nothing is changed")
    else:
        share = 100 * _changed(result, photo) / (photo.width * photo.height)
        line("Changed", f"{regions}, {f'{share:.0f}' if share >= 10 else f'{share:.2g}'} % of the pixels")
    for words in [*notices, *_notices_of_others(result, photo, target, notices)]:
        line("Notice", words)
    for path in written:
        line("Written", str(path))
    if trace is not None:
        line("Trace", str(trace / "trace.html"))
    size = f"{photo.width} x {photo.height}"
    if target.variants == 1:
        line("Written", f"{target.path} ({size}, {result.trace.seconds:.1f} s)")
        return
    for path, single in target.of_results(result):
        seeds = ", ".join(map(str, getattr(single, "seeds", ())))
        line("Written", f"{path} ({size}; {f'seeds {seeds}' if seeds else 'no seeds'})")


def _notices_of_others(result: EditResult | Draft, photo: Photo, target: Target, said: list[str]) -> list[str]:
    """What is to be said of the second variant and those after it, and was not said of the first."""
    return [
        f"Variant {number}: {words}"
        for number, (path, single) in enumerate(target.of_results(result)[1:], start=2)
        for words in _notices(single, photo, path)
        if words not in said
    ]


def _changed(result: Any, photo: Photo) -> int:
    """Pixels."""
    differs = (result.image != photo.pixels).any(axis=2)
    if result.alpha is not None:
        opaque = 255 if result.alpha.dtype.name == "uint8" else 1
        differs |= result.alpha != (photo.alpha if photo.alpha is not None else opaque)
    return int(differs.sum())


def _notices(result: EditResult | Draft, photo: Photo, goal: Path) -> list[str]:
    """What was not seen as it was asked for; what of the plan did nothing, or nothing that can be seen; what of the
    photo's file the new one does not hold."""
    from ..photos.write import left_out
    from ..pipeline import EditResult
    from ..telling.wording import change_words, idle_words

    seen = [result.scene.caption] if result.scene.caption else []
    if not isinstance(result, EditResult):
        return [*seen, *idle_words(result.plan, result.regions)]
    unseen = [change_words(change) for change in result.changes if not change.is_seen]
    lost = left_out(goal, photo)
    return [*seen, *result.notices, *unseen, *([lost] if lost else [])]

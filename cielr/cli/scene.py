"""`cielr scene`: what is seen in a photo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .given import GivenThings
from .options import Debug, Device, Image, Json, Labels, Looking, MaxPixels, Overwrite, Quiet, label_names, spread
from .outputs import after, check_apart, text_goal, write_text
from .streams import is_stream, photo_from
from .terminal import line, print_json_text, progress, reporting, table

if TYPE_CHECKING:
    from ..core.scene import Scene


@spread
def scene(
    *,
    image: Image,
    labels: Labels = None,
    things: GivenThings,
    looking: Looking,
    device: Device = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write the scene: a .json file, or a folder for scene.json; - is the standard output.",
        ),
    ] = None,
    overlay: Annotated[Path | None, typer.Option(help="Write the photo with every object's outline and id.")] = None,
    overwrite: Overwrite = False,
    max_pixels: MaxPixels = 100_000_000,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Show what is seen in a photo: objects with ids, places and sizes."""
    with reporting(as_json, debug):
        wanted = label_names(labels)
        things.check()
        from ..photos.write import check_output, write_photo
        from ..pipeline import perceive

        to_stream = is_stream(output)
        goal = None if to_stream else text_goal(output, "scene.json", overwrite)
        if overlay is not None:
            check_output(overlay, overwrite=overwrite)
        check_apart({"--output": goal, "--overlay": overlay})
        photo = photo_from(image, max_pixels)
        parser = looking.parser(device)
        with progress(quiet or as_json or to_stream) as on_event:
            seen = (
                things.scene(photo, image, wanted, parser)
                if things
                else perceive(photo, labels=wanted, perception=parser, on_event=on_event)
            )
        if goal is not None:
            write_text(goal, seen.to_json())
        if overlay is not None:
            from ..telling.overlay import overlay as drawn

            with after(goal):
                write_photo(overlay, drawn(photo.pixels, seen), overwrite=overwrite)
        if as_json or to_stream:
            print_json_text(seen.to_json())
        elif not quiet:
            _tell(seen)
            for path in (goal, overlay):
                if path is not None:
                    line("Written", str(path))


def _tell(scene: Scene) -> None:
    from ..core.text import plain
    from ..telling.wording import scene_words

    line("Seen", scene_words(scene))
    rows: list[tuple[str, ...]] = [("id", "label", "centre", "size", "share")]
    for thing in scene.objects:
        x, y = thing.mask.centroid
        share = 100 * thing.mask.area / (scene.width * scene.height)
        size = f"{thing.box.width} x {thing.box.height}"
        rows.append((thing.id, plain(thing.label)[:40], f"{x:.0f}, {y:.0f}", size, f"{share:.1f} %"))
    if scene.objects:
        table(rows)
    if scene.absent:
        line("Not seen", ", ".join(plain(label) for label in scene.absent))
    if scene.caption:
        line("Notice", plain(scene.caption))

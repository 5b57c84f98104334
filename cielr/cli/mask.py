"""`cielr mask`: a plan's regions as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Debug, Json, MaxPixels, Overwrite, Quiet, spread
from .outputs import check_inside
from .streams import check_streams, photo_of_scene, plan_from, scene_from
from .terminal import line, print_json, reporting, table


@spread
def mask(
    *,
    plan: Annotated[Path, typer.Argument(readable=False, help="A plan.json; - is the standard input.")],
    scene: Annotated[Path, typer.Argument(readable=False, help="The scene.json that it is for, or its folder.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where the files go.")],
    image: Annotated[Path | None, typer.Option(help="The photo, of which the crops are written.")] = None,
    seed: Annotated[int, typer.Option(help="Each region's seed is made from it.")] = 0,
    overwrite: Overwrite = False,
    max_pixels: MaxPixels = 100_000_000,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write the mask, the crop and the prompts of each of a plan's regions, for programs that paint.

    Of each region there are NAME.mask.png (the pixels that may change, at the photo's size), NAME.crop-mask.png (how
    much of the change is to show in the crop) and with --image NAME.crop.png; regions.json lists them.
    """
    with reporting(as_json, debug):
        from ..region import regions, seeded
        from ..telling.export import region_names, region_records, save_regions

        check_streams(**{"The plan": plan, "the scene": scene, "--image": image})
        known, wanted = scene_from(scene, max_pixels), plan_from(plan)
        photo = photo_of_scene(image, known, max_pixels) if image is not None else None
        wanted.check(known)
        cut = seeded(regions(wanted.named(known), known), seed)
        check_inside(output, region_names(cut, photo is not None), overwrite)
        save_regions(cut, output, photo.pixels if photo is not None else None)
        records = region_records(cut, photo is not None)
        if as_json:
            print_json({"folder": str(output), "regions": records})
        elif not quiet:
            rows = [(record["mask"], f"{record['pixels']:,} px", record["sentence"]) for record in records]
            if rows:
                table(rows)
            line("Written", str(output / "regions.json"))

"""`cielr batch`: one instruction, or a manifest of them, on many photos."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from .batch_told import tell_summary, told
from .batching import Results, on_servers, prepared
from .given import PlanFile
from .options import Debug, Labels, Looking, MaxPixels, Painting, Quiet, Reasoning, spread
from .terminal import reporting

_elsewhere = partial(typer.Option, rich_help_panel="Beyond one machine")


@spread
def batch(
    *,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE… [INSTRUCTION]",
            help="Folders, globs in quotes, photos, or a manifest (.jsonl, .csv with image, instruction, labels, seed, "
            "plan, scene, masks, output); then the instruction, in quotes, unless a manifest or --plan has it. "
            "Addresses such as s3://bucket/photos do as well.",
        ),
    ],
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="DIR", help="Where the results go, in the same folders as the photos.")
    ],
    plan: PlanFile = None,
    labels: Labels = None,
    seed: Annotated[int, typer.Option(help="For every photo without a seed of its own.")] = 0,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", min=1, help="Processes, each with its own models; one per core by default."),
    ] = None,
    ray: Annotated[
        str | None,
        _elsewhere(
            metavar="ADDRESS",
            help="Work on a Ray cluster: auto (the one of this machine), local, or HOST:PORT; one worker a GPU, "
            "or every --cpus cores.",
        ),
    ] = None,
    cpus: Annotated[
        float,
        _elsewhere(min=0.1, help="Cores of each worker on a cluster."),
    ] = 1.0,
    comfy: Annotated[
        str | None,
        _elsewhere(metavar="URL,URL,…", help="Work on ComfyUI servers; $CIELR_COMFY_AUTH signs in."),
    ] = None,
    workflow: Annotated[
        str,
        _elsewhere(metavar="NAME", help="What the servers run: a bundled workflow, or a file that Export (API) wrote."),
    ] = "quickstart",
    results: Results,
    looking: Looking,
    reasoning: Reasoning,
    painting: Painting,
    max_pixels: MaxPixels = 100_000_000,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for each photo when it is done.")
    ] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Edit many photos the same way, or each as a manifest says. A batch that was cut off goes on where it stopped.

    Each result has its photo's name, in the same folders below DIR. A photo that fails leaves its reason in the ledger
    (DIR/cielr-batch) and no file. The first Ctrl-C lets the photos at work finish.
    """
    with reporting(False, debug):
        from ..batch import run_batch

        models = (looking, reasoning, painting)
        settings, work = prepared(words, out, plan, labels, seed, max_pixels, models, results, comfy is not None)
        if comfy is not None:
            settings, crew = on_servers(settings, work, comfy, workflow, models, ray)
        elif ray is not None:
            from ..batch.on_ray import RayCrew

            crew = RayCrew(work.start, ray, workers, cpus, results.limit)
        else:
            from ..batch.processes import ProcessCrew
            from ..batch.work import core_count

            crew = ProcessCrew(work.start, workers or core_count(), results.limit)
        with told(as_json, quiet) as on_progress:
            summary = run_batch(settings, crew, on_progress)
        tell_summary(summary, settings, quiet or as_json)

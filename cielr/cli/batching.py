"""What the options of `cielr batch` say: where the photos come from, where results go, and how each is edited."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import CielrError
from .options import Looking, Painting, Reasoning, check_instruction, label_names
from .terminal import complain

if TYPE_CHECKING:
    from ..actions import Plan
    from ..batch import BatchSettings
    from ..batch.on_comfy import ComfyCrew
    from ..batch.work import Work

_option = partial(typer.Option, rich_help_panel="Results")


@dataclass(frozen=True)
class Results:
    """What is written, and how it is kept."""

    form: Annotated[
        str | None,
        _option("--format", metavar="NAME", help="Format of every result: png, jpg, …; by default the photo's own."),
    ] = None
    quality: Annotated[
        int | None,
        _option(min=1, max=100, help="Quality of JPEG, WebP, HEIC and AVIF; 95 by default."),
    ] = None
    compress: Annotated[
        bool,
        _option("--compress", help="Smaller PNG and TIFF files, which take longer."),
    ] = False
    sheet: Annotated[int, _option(min=0, help="How many photos the contact sheet shows.")] = 200
    ledger: Annotated[
        Path | None,
        _option(metavar="DIR", help="Folder of the ledger; cielr-batch below --out by default."),
    ] = None
    cache: Annotated[
        Path | None,
        _option(metavar="DIR", help="Keep scenes and plans there, for the next batch on these photos."),
    ] = None
    again: Annotated[
        bool,
        _option("--retry-failed", help="Try again what failed in an earlier run."),
    ] = False
    limit: Annotated[
        float | None,
        _option("--limit-seconds", min=0.1, help="How long one photo may take before it fails."),
    ] = None

    @property
    def suffix(self) -> str:
        """Of every result, or "" for the photo's own.

        Raises:
            ImageError: for a format that nobody writes.
        """
        from ..photos.write import check_format

        suffix = f".{self.form.lower().lstrip('.')}" if self.form is not None else ""
        if suffix:
            check_format(Path(f"photo{suffix}"), quality=self.quality)
        return suffix

    def home(self, out: str) -> Path:
        """The folder of the ledger.

        Raises:
            BadParameter: where the results go to a store, and no folder of this machine is named; CielrError: where
                a new batch would write among files that are not its own.
        """
        from ..batch.names import LEDGER
        from ..batch.places import is_url, local

        if is_url(out):
            if self.ledger is None:
                raise typer.BadParameter("The results go to a store; --ledger names a folder here for the batch.")
            return self.ledger
        folder = Path(local(out))
        home = self.ledger if self.ledger is not None else folder / LEDGER
        if folder.is_dir() and not (home / "run.json").exists():
            strange = next((path for path in folder.iterdir() if path != home), None)
            if strange is not None:
                raise CielrError(
                    f"{out} holds {strange.name} already, and no batch that could go on; name a new folder with --out."
                )
        return home


def prepared(
    words: list[str],
    out: str,
    plan: Path | None,
    labels: list[str] | None,
    seed: int,
    max_pixels: int,
    models: tuple[Looking, Reasoning, Painting],
    results: Results,
    is_served: bool = False,
) -> tuple[BatchSettings, Work]:
    """What the options say, checked before any work.

    Args:
        words: sources, and then the instruction.
        is_served: by ComfyUI servers, whose workflow may have an instruction of its own.

    Raises:
        BadParameter, CielrError: where they cannot be used.
    """
    from ..actions import Plan
    from ..batch import BatchSettings
    from ..batch.places import Goal, is_url, local
    from ..batch.source import Source, instructed
    from ..batch.work import Work

    _, reasoning, _ = models
    if reasoning.record is not None:
        raise typer.BadParameter("--record is for one photo; several processes would mix their words in it.")
    sources, instruction = instructed(words, plan is not None)
    if instruction:
        check_instruction(instruction)
    elif plan is None and not is_served and not Source(sources).says_what_to_do:
        raise typer.BadParameter("Say what to do with an instruction after the photos, in quotes, or with --plan.")
    suffix, wanted = results.suffix, label_names(labels)
    home = results.home(out)
    given = Plan.load(plan) if plan is not None else None
    goal = Goal(out if is_url(out) else str(Path(local(out)).absolute()), str((home / "parts").absolute()))
    settings = BatchSettings(
        source=Source(sources, "" if is_url(out) else local(out)),
        goal=goal,
        ledger=home.absolute(),
        made_with=_made_with(instruction, given, wanted, seed, models, results),
        suffix=suffix,
        on_sheet=results.sheet,
        again=results.again,
    )
    work = Work(
        goal=goal,
        thumbnails=settings.thumbnails,
        models=partial(models_of, *models),
        instruction=instruction,
        labels=tuple(wanted) if wanted is not None else None,
        seed=seed,
        plan=given,
        quality=results.quality,
        small=results.compress,
        max_pixels=max_pixels,
        limit=results.limit,
        cache=str(results.cache.absolute()) if results.cache is not None else "",
    )
    return settings, work


def on_servers(
    settings: BatchSettings,
    work: Work,
    urls: str,
    workflow: str,
    models: tuple[Looking, Reasoning, Painting],
    ray: str | None,
) -> tuple[BatchSettings, ComfyCrew]:
    """The batch as ComfyUI servers do it.

    Raises:
        BadParameter: where options speak of workers that are none; CielrError: where the workflow cannot be used.
    """
    from ..batch.on_comfy import ComfyCrew
    from ..comfy import Workflow
    from ..core.serial import canonical

    if ray is not None:
        raise typer.BadParameter("--ray and --comfy are two places to work at; choose one.")
    if work.plan is not None:
        raise typer.BadParameter("--plan is for workers of this command; a ComfyUI server is given an instruction.")
    strange = [group for group in models if group != type(group)()]
    if strange:
        raise typer.BadParameter("Models are in the servers' workflow; leave out the options that name some.")
    flow = Workflow.load(workflow)
    # servers save PNG, unless the user wants something else of them
    suffix = settings.suffix or ".png"
    prompt = hashlib.sha256(canonical(flow.prompt).encode()).hexdigest()[:16]
    made_with = settings.made_with | {"workflow": flow.name, "prompt": prompt}
    addresses = [url for url in urls.replace(",", " ").split() if url]
    crew = ComfyCrew(
        addresses,
        flow,
        work,
        on_passed_on=lambda image, why: complain(f"{image}: {why} Another server does it."),
    )
    return replace(settings, made_with=made_with, suffix=suffix), crew


def _made_with(
    instruction: str,
    plan: Plan | None,
    labels: list[str] | None,
    seed: int,
    models: tuple[Looking, Reasoning, Painting],
    results: Results,
) -> dict[str, Any]:
    """What results depend on, for `run.json`."""
    from .. import __version__

    named = {name: str(value) for group in models for name, value in vars(group).items()}
    # where it is done changes no pixel, and a batch may go on elsewhere
    del named["device"]
    return {
        "instruction": instruction,
        "plan": hashlib.sha256(plan.to_json().encode()).hexdigest()[:16] if plan is not None else "",
        "labels": labels,
        "seed": seed,
        "quality": results.quality,
        "compress": results.compress,
        "version": __version__,
        **named,
    }


def models_of(looking: Looking, reasoning: Reasoning, painting: Painting) -> dict[str, Any]:
    """The models of one worker, as fields of `EditRequest`; called in its own process."""
    from ..reasoning.options import ReasonOptions

    reasons = reasoning.arguments()
    chat = reasons.pop("chat")
    return {
        "perception": looking.parser(painting.device, offload=True if painting.offload != "none" else None),
        "chat": chat,
        "options": ReasonOptions().but(**reasons),
        **painting.arguments(),
    }

"""`cielr comfy`: workflows on ComfyUI servers, from the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import errors
from ..errors import CielrError, ClarificationNeeded, ComfyError, ImageError
from .options import Debug, Json, Labels, Overwrite, Quiet
from .terminal import EXIT_CODES, FAILED, bars, complain, line, print_json, reporting, say

if TYPE_CHECKING:
    from rich.progress import TaskID

    from ..comfy import ComfyClient, Done, Job, Progress, Result, Workflow

SERVERS = "CIELR_COMFY_SERVER"
_RAISED = "Ambiguous ClarificationNeeded EditError ImageError NothingMatches NotUnderstood PlanError SceneError"
KINDS: dict[str, type[CielrError]] = {name: getattr(errors, name) for name in _RAISED.split()}
"""What our nodes raise on a server ends the command as it would here."""

comfy = typer.Typer(help="Run workflows on ComfyUI servers.", no_args_is_help=True)


@comfy.command(epilog=EXIT_CODES)
def run(
    workflow: Annotated[
        str,
        typer.Argument(help="A bundled workflow by its name, such as quickstart, or a file that Export (API) wrote."),
    ],
    images: Annotated[
        list[Path] | None,
        typer.Option("--image", "-i", readable=False, help="For the LoadImage node; repeat for more runs."),
    ] = None,
    instruction: Annotated[str | None, typer.Option(help="What to change.")] = None,
    labels: Labels = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NODE.INPUT=VALUE",
            help="Any input, the node by id, title or class; repeat for more. @FILE uploads it (@@ is an @).",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A file, or a folder (always for several images). IMAGE-WORKFLOW beside the image by default.",
        ),
    ] = None,
    servers: Annotated[
        list[str] | None,
        typer.Option(
            "--server",
            "-s",
            metavar="URL",
            help=f"Repeat for several, which share the images. Default: ${SERVERS}, else http://127.0.0.1:8188.",
        ),
    ] = None,
    headers: Annotated[
        list[str] | None,
        typer.Option(
            "--header",
            metavar="NAME: VALUE",
            help="Sent with every request, to sign in. $CIELR_COMFY_AUTH does the same and stays out of sight.",
        ),
    ] = None,
    previews: Annotated[bool, typer.Option("--previews", help="Fetch what PreviewImage shows, too.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say whether each server has all that it needs.")] = False,
    connect: Annotated[
        float, typer.Option("--connect-seconds", min=0.1, help="How long to wait for a server's first answer.")
    ] = 10.0,
    idle: Annotated[
        float, typer.Option("--idle-seconds", min=1, help="How long a run may show no sign of life.")
    ] = 600.0,
    total: Annotated[
        float | None,
        typer.Option("--max-seconds", min=0.1, help="How long one run may take, with queue and downloads."),
    ] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run a workflow on ComfyUI, once for each image, and fetch the files that it saves, byte for byte.

    Ctrl-C cancels what runs on the servers.
    """
    with reporting(as_json, debug):
        from ..comfy import ComfyClient, Job, Limits, Workflow
        from ..comfy.server import read_header

        flow = Workflow.load(workflow)
        values = _settings(settings or [])
        words = ", ".join(labels) if labels else None
        jobs = [Job(flow, image, instruction, words, values) for image in images or [None]]
        # what the workflow cannot take is told before any server is asked
        flow.fills(jobs[0].image, instruction, words, values)
        if not quiet:
            notices = (notice for job in jobs for notice in flow.notices(job.image, instruction, words, values))
            for notice in dict.fromkeys(notices):
                complain(notice)
        for image in images or []:
            _check_image(image)
        goals = _goals(flow, images or [], output, overwrite)
        signing = dict(read_header(text) for text in headers or [])
        limits = Limits(connect=connect, idle=idle, total=total)
        clients = _clients(servers, lambda url: ComfyClient(url, signing, limits))
        try:
            if check:
                _check(clients, jobs[0], as_json)
                return
            with _bars(len(jobs), quiet or as_json) as on_progress:
                reports = _run(jobs, goals, clients, previews, overwrite, on_progress, loud=not (quiet or as_json))
        finally:
            for client in clients:
                client.close()
        if len(reports) == 1 and reports[0].error is not None:
            raise reports[0].error
        if as_json:
            print_json({"runs": [report.as_dict() for report in reports]})
        failed = [report for report in reports if report.error is not None]
        if failed:
            complain(f"{len(failed)} of {len(reports)} runs failed.")
            raise typer.Exit(FAILED)


@comfy.command("list")
def list_() -> None:
    """Name the workflows that come with CIELR."""
    from ..comfy import bundled

    for name in bundled():
        say(name)


# -------------------------------------------------------------------------------------------------------------- checks


def _settings(given: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for text in given:
        target, equals, value = text.partition("=")
        if not equals or "." not in target:
            raise typer.BadParameter(f"--set takes NODE.INPUT=VALUE, such as 'Edit Executor.seed=7', not '{text}'.")
        if value.startswith("@") and not value.startswith("@@"):
            _check_image(Path(value[1:]))
            values[target] = Path(value[1:])
        else:
            values[target] = value[1:] if value.startswith("@@") else value
    return values


def _check_image(path: Path) -> None:
    if not path.is_file():
        raise ImageError(f"{path} is a folder, not a photo." if path.is_dir() else f"There is no file {path}.")


def _clients(urls: Sequence[str] | None, make: Callable[[str], ComfyClient]) -> list[ComfyClient]:
    from ..comfy.server import DEFAULT

    wanted = urls or os.environ.get(SERVERS, "").replace(",", " ").split() or [DEFAULT]
    clients: dict[str, ComfyClient] = {}
    for url in wanted:
        client = make(url)
        if client.url in clients:
            client.close()
        clients.setdefault(client.url, client)
    return list(clients.values())


def _check(clients: Sequence[ComfyClient], job: Job, as_json: bool) -> None:
    lacks = {
        client.url: client.missing(job.workflow, job.image, job.instruction, job.labels, job.settings)
        for client in clients
    }
    if as_json:
        print_json({"missing": lacks})
    else:
        for url, clauses in lacks.items():
            line("Server", f"{url} {'lacks' if clauses else 'has all that it needs'}{':' if clauses else '.'}")
            for clause in clauses:
                line("", clause)
    if any(lacks.values()):
        raise typer.Exit(FAILED)


@dataclass(frozen=True)
class Goal:
    """Where the outputs of one run go: `stem` in `folder`; `exact` where the user named the file."""

    folder: Path
    stem: str
    exact: Path | None = None


def _goals(flow: Workflow, images: Sequence[Path], output: Path | None, overwrite: bool) -> list[Goal]:
    """One for each run, checked before the work."""
    from ..comfy.results import check_folder, unique

    several = len(images) > 1
    if output is not None and not several and output.suffix and not output.is_dir():
        check_folder(output.parent)
        if output.exists() and not overwrite:
            raise ImageError(f"{output} exists already; choose another name, or allow it with --overwrite.")
        return [Goal(output.parent, output.stem, output)]
    if output is not None and output.suffix and several and not output.is_dir():
        raise typer.BadParameter(f"--output names a folder for several images, such as '{output.with_suffix('')}'.")
    goals: list[Goal] = []
    for image in images or [None]:
        folder = output if output is not None else image.parent if image is not None else Path()
        check_folder(folder)
        stem = flow.name if image is None else f"{image.stem}-{flow.name}"
        goals.append(Goal(folder, unique(stem, "", [goal.stem for goal in goals if goal.folder == folder])))
    return goals


# ------------------------------------------------------------------------------------------------------------ the runs


@dataclass(frozen=True)
class Report:
    """What became of one run."""

    image: Path | None
    server: str
    files: tuple[Path, ...] = ()
    result: Result | None = None
    error: CielrError | None = None

    def as_dict(self) -> dict[str, Any]:
        facts: dict[str, Any] = {"image": str(self.image) if self.image is not None else None, "server": self.server}
        if self.result is None:
            return facts | {"error": {"kind": type(self.error).__name__, "message": str(self.error)}}
        outputs = [
            {"path": str(path), "node": file.node, "title": file.title, "server_file": file.filename, "type": file.type}
            for path, file in zip(self.files, self.result.outputs, strict=True)
        ]
        return facts | {
            "prompt_id": self.result.prompt_id,
            "seconds": round(self.result.seconds, 3),
            "outputs": outputs,
            "texts": [{"node": text.node, "title": text.title, "text": text.text} for text in self.result.texts],
        }


def _run(
    jobs: Sequence[Job],
    goals: Sequence[Goal],
    clients: Sequence[ComfyClient],
    previews: bool,
    overwrite: bool,
    on_progress: Callable[[Job, str, Progress], None] | None,
    loud: bool,
) -> list[Report]:
    from ..comfy import run_many

    places = {id(job): place for place, job in enumerate(jobs)}
    reports: dict[int, Report] = {}
    complaints: set[str] = set()

    def passed_on(job: Job, error: ComfyError) -> None:
        if str(error) not in complaints:
            complaints.add(str(error))
            complain(f"{error} The other servers do its work.")

    for done in run_many(jobs, clients, previews=previews, on_progress=on_progress, on_passed_on=passed_on):
        place = places[id(done.job)]
        reports[place] = report = _saved(done, goals[place], overwrite)
        if report.error is not None and len(jobs) > 1:
            complain(f"{report.image}: {report.error}")
        elif loud:
            for path in report.files:
                line("Written", f"{path} ({report.result.seconds if report.result else 0:.1f} s, {report.server})")
    return [reports[place] for place in sorted(reports)]


def _saved(done: Done, goal: Goal, overwrite: bool) -> Report:
    image = Path(done.job.image) if done.job.image is not None else None
    if done.result is None:
        return Report(image, done.server, error=_ours(done.error))
    if not done.result.outputs:
        from ..comfy.failures import no_output

        return Report(image, done.server, error=no_output(done.result))
    try:
        files = _write(done.result, goal, overwrite)
    except CielrError as error:
        return Report(image, done.server, error=error)
    return Report(image, done.server, tuple(files), done.result)


def _write(result: Result, goal: Goal, overwrite: bool) -> list[Path]:
    """The outputs under names that are free: what took minutes is not thrown away for a name."""
    from ..comfy.results import names, unique

    wanted = names(goal.stem, result.outputs)
    if goal.exact is not None and len(wanted) == 1 and goal.exact.suffix.lower() == Path(wanted[0]).suffix:
        wanted = [goal.exact.name]
    elif goal.exact is not None and len(wanted) == 1:
        complain(f"The server saved {Path(wanted[0]).suffix}, so that the output is {wanted[0]}.")
    files = []
    for output, name in zip(result.outputs, wanted, strict=True):
        if not overwrite:
            there = [path.name for path in goal.folder.iterdir()] if goal.folder.is_dir() else []
            name = unique(Path(name).stem, Path(name).suffix, there)
        files.append(output.save(goal.folder / name, overwrite))
    return files


def _ours(error: CielrError | None) -> CielrError | None:
    """What one of our nodes raised on the server, as that kind of error, so that the exit code is the same as here."""
    kind = KINDS.get(error.kind) if isinstance(error, ComfyError) else None
    if not isinstance(error, ComfyError) or kind is None:
        return error
    if kind is not ClarificationNeeded or not error.problems:
        return kind(str(error))
    asked, *choices = error.problems
    clarification = ClarificationNeeded(asked, tuple(choices), f"Say it with --set '{error.node}.answer=…'.")
    # the sentence also names the node and the server
    clarification.args = error.args
    return clarification


@contextmanager
def _bars(jobs: int, silent: bool) -> Iterator[Callable[[Job, str, Progress], None] | None]:
    """One bar a server, and one for all where there are several images; None where nobody would see them."""
    with bars(silent, "words", "BarColumn", "TimeElapsedColumn") as shown:
        if shown is None:
            yield None
            return
        whole = shown.add_task(f"0 of {jobs}", total=jobs) if jobs > 1 else None
        tasks: dict[str, TaskID] = {}
        ended: set[int] = set()

        def tell(job: Job, server: str, progress: Progress) -> None:
            name = Path(job.image).name if job.image is not None else ""
            text = ": ".join(part for part in (name, progress.text) if part)
            if server not in tasks:
                tasks[server] = shown.add_task(text, total=1.0)
            shown.update(tasks[server], description=text, completed=progress.fraction)
            if progress.stage == "done" and whole is not None:
                ended.add(id(job))
                shown.update(whole, description=f"{len(ended)} of {jobs}", completed=len(ended))

        yield tell

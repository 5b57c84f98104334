"""`cielr bench`: how well a reasoner does, measured on cases whose right answers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Debug
from .terminal import EXIT_CODES, count, print_json, reporting, say

bench = typer.Typer(help="Measure how good edits, plans and models are.", no_args_is_help=True)


@bench.callback()
def _root() -> None:
    pass


@bench.command(epilog=EXIT_CODES)
def reason(
    llm: Annotated[
        str, typer.Option("--llm", metavar="NAME", help="builtin, ollama/MODEL, openai/MODEL@URL or replay/FILE.")
    ] = "builtin",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A record, one JSON line a case; a run that was cut off goes on there."),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE", help="Record the model's answers, for replay/FILE.")
    ] = None,
    groups: Annotated[list[str] | None, typer.Option("--group", help="Only this group of cases; repeatable.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="For one case, at most.")] = 300.0,
    again: Annotated[bool, typer.Option("--again", help="Ask again what the record holds already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every result as one JSON object.")] = False,
    debug: Debug = False,
) -> None:
    """Put more than a hundred instructions to a reasoner and print how many it got right, group by group."""
    with reporting(as_json, debug):
        from ..evaluation.reason_bench import run_bench
        from .models import named_chat

        chat, _ = named_chat(llm, record)

        def told(done: int, total: int, result: object) -> None:
            count(done, total)

        report = run_bench(chat, output, resume=not again, groups=groups, seconds=seconds, on_result=told)
        if as_json:
            print_json([result.model_dump(mode="json") for result in report.results])
        else:
            say(report.table())


@bench.command(epilog=EXIT_CODES)
def read(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help='Instructions, one JSON object a line: {"text": "…", "kinds": ["remove", "add|modify"], "targets": '
            '[["lamp"], []], "group": "…"}; targets (labels, for each action) and group may be left out. None: those '
            "that come with the package.",
        ),
    ] = None,
    failures: Annotated[bool, typer.Option("--failures", help="Tell what was refused or read wrong, and why.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every result as one JSON object.")] = False,
    debug: Debug = False,
) -> None:
    """Put instructions to the built-in grammar, with a painter and with eyes that find whatever it asks for, and print
    how many of each group are planned, right, wrong and refused."""
    with reporting(as_json, debug):
        from ..evaluation.read_bench import read_bench

        report = read_bench(file)
        if as_json:
            print_json([reading.as_dict() for reading in report.readings])
            return
        for reading in report.readings if failures else ():
            if reading.outcome != "right":
                say(f"{reading.outcome}: {' / '.join(reading.case.text.splitlines())}: {reading.detail}")
        say(report.table())


@bench.command("make-scenes", epilog=EXIT_CODES)
def make_scenes(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where to.")] = Path("scenes"),
    cases: Annotated[int, typer.Option("--cases", min=1, max=100_000, help="Instructions in all.")] = 300,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Equal seeds give equal files.")] = 0,
    debug: Debug = False,
) -> None:
    """Render still lifes and rooms with exact masks, depth, relations, instructions and true results: a benchmark."""
    with reporting(False, debug):
        from ..evaluation.scenes.make import make_scenes as render_scenes

        scenes = render_scenes(output, cases, seed, on_scene=count)
        say(f"{output}: {cases} cases on {scenes} scenes. `cielr bench run --dataset {output}` runs them.")

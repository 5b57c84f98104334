"""docs/recipes.md says the numbers that the code has, and has a picture of every kind of action."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import cielr.actions
from cielr.actions import KINDS
from cielr.core import things
from cielr.editing import crop
from cielr.region import region

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)(?:\[\"(\w+)\"\])?` \| ([\d.]+) \|", re.MULTILINE)
ROWS = ROW.findall(TEXT)


NAMES = [info.name for info in pkgutil.iter_modules(cielr.actions.__path__)]
ACTION_MODULES = [importlib.import_module(f"cielr.actions.{name}") for name in NAMES]
TABLES = ("CHANGES", "FLIPS", "KINDS", "ANCHORS", "TYPE_CHECKING", "MOST_ACTIONS", "MOST_BYTES")
CONSTANTS = {
    name: value
    for module in (region, things, *ACTION_MODULES)
    for name, value in vars(module).items()
    if name.isupper() and not name.startswith("_") and name not in TABLES and isinstance(value, (int, float, dict))
}


@pytest.mark.parametrize(("name", "key", "value"), ROWS)
def test_the_page_says_the_numbers_of_the_code(name, key, value):
    constant = CONSTANTS[name] if name in CONSTANTS else getattr(crop, name)
    assert float(value) == (constant[key] if key else constant)


def test_the_page_leaves_no_number_of_the_recipes_out():
    assert set(CONSTANTS) <= {name for name, _, _ in ROWS}
    assert set(CONSTANTS["ADD_SIZE"]) == {key for name, key, _ in ROWS if name == "ADD_SIZE"}


def test_every_kind_of_action_has_a_row_and_the_picture_is_there():
    for kind in KINDS:
        assert f"\n| {kind} | " in TEXT
    assert (ROOT / "docs" / "recipes.jpg").stat().st_size > 50_000
    assert "](recipes.jpg)" in TEXT

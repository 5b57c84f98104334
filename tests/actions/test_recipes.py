"""docs/recipes.md says the numbers that the code has, and has a picture of every kind of action."""

import re
from pathlib import Path
from typing import get_args

import pytest

from cielr.actions.plan import Action
from cielr.core import things
from cielr.editing import crop
from cielr.region import after, recipes, region

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)(?:\[\"(\w+)\"\])?` \| ([\d.]+) \|", re.MULTILINE)
ROWS = ROW.findall(TEXT)


CONSTANTS = {
    name: value
    for module in (region, things, after, recipes)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, (int, float, dict))
}


@pytest.mark.parametrize(("name", "key", "value"), ROWS)
def test_the_page_says_the_numbers_of_the_code(name, key, value):
    constant = CONSTANTS[name] if name in CONSTANTS else getattr(crop, name)
    assert float(value) == (constant[key] if key else constant)


def test_the_page_leaves_no_number_of_the_recipes_out():
    assert set(CONSTANTS) <= {name for name, _, _ in ROWS}
    for table in ("STRENGTH", "ADD_SIZE"):
        assert set(CONSTANTS[table]) == {key for name, key, _ in ROWS if name == table}


def test_every_kind_of_action_has_a_row_and_the_picture_is_there():
    kinds = [one.model_fields["kind"].default for one in get_args(get_args(Action)[0])]
    for kind in kinds:
        assert f"\n| {kind} | " in TEXT
    assert (ROOT / "docs" / "recipes.jpg").stat().st_size > 50_000
    assert "](recipes.jpg)" in TEXT

"""docs/recipes.md says the numbers that the code has, and has a picture of every kind of action."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from cielr import region
from cielr.editing import crop
from cielr.plan import Action

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)(?:\[\"(\w+)\"\])?` \| ([\d.]+) \|", re.MULTILINE)
ROWS = ROW.findall(TEXT)


@pytest.mark.parametrize(("name", "key", "value"), ROWS)
def test_the_page_says_the_numbers_of_the_code(name, key, value):
    constant = getattr(region if hasattr(region, name) else crop, name)
    assert float(value) == (constant[key] if key else constant)


def test_the_page_leaves_no_number_of_the_recipes_out():
    tree = ast.parse(Path(region.__file__).read_text(encoding="utf-8"))
    named = {
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        for name in ([target] if isinstance(target, ast.Name) else getattr(target, "elts", []))
        if name.id.isupper()
    }
    assert named <= {name for name, _, _ in ROWS}
    for table in ("STRENGTH", "ADD_SIZE"):
        assert set(getattr(region, table)) == {key for name, key, _ in ROWS if name == table}


def test_every_kind_of_action_has_a_row_and_the_picture_is_there():
    kinds = [one.model_fields["kind"].default for one in get_args(get_args(Action)[0])]
    for kind in kinds:
        assert f"\n| {kind} | " in TEXT
    assert (ROOT / "docs" / "recipes.jpg").stat().st_size > 50_000
    assert "](recipes.jpg)" in TEXT

"""Writes what is made from the kinds of actions: the front end's table, the node's lists, the table of docs/recipes.md.

python scripts/make_action_tables.py          # a test says where they have gone stale
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cielr.actions import KINDS  # noqa: E402
from cielr.actions.action import ActionBase  # noqa: E402
from cielr.actions.change import CHANGES, Flat  # noqa: E402
from cielr.actions.form import form_of  # noqa: E402
from cielr.core.place_relations import ANCHORS, RELATIONS  # noqa: E402

MARKS = "<!-- kinds: made by scripts/make_action_tables.py -->", "<!-- end of kinds -->"


def front_end() -> str:
    """web/js/actions.js"""
    kinds = {name: _kind(kind) for name, kind in KINDS.items()}
    changes = {name: dict(change.words) for name, change in {**CHANGES, "flat": Flat}.items()}
    return (
        "// Made by scripts/make_action_tables.py from cielr/actions: not to be changed by hand.\n\n"
        "/** Kind of action -> its colour, its words with its fields in braces, and the fields of its form. */\n"
        f"export const ACTIONS = {_js(kinds)}\n\n"
        "/** Changes that need no painter -> their words. */\n"
        f"export const CHANGES = {_js(changes)}\n\n"
        "/** Relation of a place -> how many objects it is a relation to. */\n"
        f"export const RELATIONS = {_js({name: ANCHORS.get(name, 1) for name in RELATIONS})}\n"
    )


def node_lists() -> str:
    """nodes/internal/kinds.py"""
    options = dict.fromkeys(word for kind in KINDS.values() for field in form_of(kind) for word in field.choices)
    lists = {"KINDS": list(KINDS), "OPTIONS": list(options)}
    written = "\n".join(f"{name} = {json.dumps(words, indent=4)[:-2]},\n]" for name, words in lists.items())
    return (
        '"""Kinds of actions and their options, for lists that ComfyUI builds at its start, when no kind is loaded.\n\n'
        'Made by scripts/make_action_tables.py from cielr/actions: not to be changed by hand.\n"""\n\n'
        f"{written}\n"
    )


def recipes(page: str) -> str:
    """docs/recipes.md with its table of kinds made anew."""
    rows = ["| action | support | softness | strength | what the painter is told |", "|---|---|---|---|---|"]
    for name, kind in KINDS.items():
        cells = (name, kind.support_words, kind.softness_words, f"{kind.strength:g}", kind.told_words)
        rows.append(f"| {' | '.join(cells)} |")
    table = "\n".join([MARKS[0], "", *rows, "", MARKS[1]])
    return re.sub(re.escape(MARKS[0]) + ".*?" + re.escape(MARKS[1]), lambda _: table, page, flags=re.DOTALL)


def made() -> dict[Path, str]:
    """Every file that is made, with what it should hold."""
    page = ROOT / "docs" / "recipes.md"
    return {
        ROOT / "web" / "js" / "actions.js": front_end(),
        ROOT / "nodes" / "internal" / "kinds.py": node_lists(),
        page: recipes(page.read_text(encoding="utf-8")),
    }


def _kind(kind: type[ActionBase]) -> dict[str, Any]:
    return {
        "tint": kind.tint,
        "words": dict(kind.words),
        "about": dict(kind.about),
        "fields": [
            {"name": field.name, "type": field.type, "titles": field.titles}
            | ({"example": field.example} if field.example and field.type in ("text", "number") else {})
            | ({"least": field.least} if field.type == "ids" else {})
            | ({"choices": list(field.choices)} if field.choices else {})
            | ({"default": field.default} if field.has_default else {})
            for field in form_of(kind)
        ],
    }


def _js(value: Any, margin: str = "") -> str:
    """JSON; what fits on a line stands on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(margin + line) <= 110 or not isinstance(value, dict | list):
        return line
    inner = f"{margin}    "
    if isinstance(value, list):
        items = [_js(item, inner) for item in value]
    else:
        items = [f"{json.dumps(name)}: {_js(item, inner)}" for name, item in value.items()]
    opening, closing = line[0], line[-1]
    return opening + ",".join(f"\n{inner}{item}" for item in items) + f"\n{margin}{closing}"


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, encoding="utf-8")

"""What the pages say is there is there: files, links, names."""

import ast
import re
from pathlib import Path

import pytest
from bundled import FLOWS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
ROWS = re.findall(r"^\| … (.+?) \| (.+) \|$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)


def names_of(path: Path) -> set[str]:
    """What a module defines at its top."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def test_where_do_i_answers_twenty_questions():
    assert len(ROWS) >= 20
    assert all(question.endswith("?") for question, _ in ROWS)


@pytest.mark.parametrize(("question", "answer"), ROWS, ids=[question for question, _ in ROWS])
def test_where_do_i_names_files_that_are_there_and_define_what_is_said(question, answer):
    words = re.findall(r"`([^`]+)`", answer)
    path = None
    for word in words:
        if "/" in word:
            path = ROOT / word
            assert path.exists(), word
        else:
            assert path is not None
            assert word in names_of(path), f"{path.name} defines no {word}"
    assert path is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_picture_of_a_page_is_there(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


def test_the_readme_is_read_in_three_minutes():
    assert 600 <= len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 800


def test_the_readme_names_every_workflow_and_shows_each_sentence_of_its_strip():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in FLOWS:
        assert f"`{name}`" in readme
    script = ast.parse((ROOT / "scripts" / "make_docs_pictures.py").read_text(encoding="utf-8"))
    sentences = [
        sentence.value
        for node in script.body
        if isinstance(node, ast.Assign) and node.targets[0].id in ("COINS", "COFFEE")
        for sentence in node.value.elts
    ]
    assert len(sentences) == 6
    assert [sentence for sentence in sentences if f'"{sentence}"' not in readme] == []


def test_every_test_that_the_page_on_mutants_names_is_there():
    page = (ROOT / "docs" / "mutants.md").read_text(encoding="utf-8")
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", page))
    assert named
    assert {name for name in named if f"def {name}(" not in tests} == set()

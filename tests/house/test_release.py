"""What is published: versions agree, named files exist, pictures have their sizes, what an artist needs is packed."""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import cielr
from cielr.core.packages import OPTIONAL

ROOT = Path(__file__).resolve().parents[2]
CHECK = ROOT / "scripts" / "check_release.py"


def project() -> dict:
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML by itself.")
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked() -> list[str]:
    try:
        told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("This is not a git checkout.")
    return [name for name in told.stdout.decode().split("\0") if name and (ROOT / name).exists()]


def ignored() -> list[str]:
    lines = (ROOT / ".comfyignore").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def matches(pattern: str, name: str) -> bool:
    """As .gitignore has it, for patterns from the root on: a folder, or names within one folder."""
    assert pattern.startswith("/"), f"{pattern} is not anchored, and this test reads only what is."
    if pattern.endswith("/"):
        return name.startswith(pattern[1:])
    return name.count("/") == pattern.count("/") - 1 and fnmatch.fnmatchcase(name, pattern[1:])


def packed() -> list[str]:
    return [name for name in tracked() if not any(matches(pattern, name) for pattern in ignored())]


def test_pyproject_the_package_and_the_changelog_name_one_version():
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert project()["project"]["version"] == cielr.__version__ == newest[1]


def test_every_file_that_pyproject_names_is_there():
    told = project()
    named = [told["project"]["readme"], told["project"]["license"]["file"]]
    named += told["tool"]["setuptools"]["dynamic"]["dependencies"]["file"]
    named += told["tool"]["comfy"]["includes"]
    repository = told["project"]["urls"]["Repository"].removeprefix("https://github.com/")
    for key in ("Icon", "Banner"):
        start = f"https://raw.githubusercontent.com/{repository}/main/"
        assert told["tool"]["comfy"][key].startswith(start)
        named.append(told["tool"]["comfy"][key].removeprefix(start))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_room_and_every_file_in_it_is_installed():
    told = project()["tool"]["setuptools"]
    rooms = {path.parent.relative_to(ROOT) for path in (ROOT / "cielr").rglob("__init__.py")}
    assert {room.as_posix().replace("/", ".") for room in rooms} == set(told["packages"]) - set(told["package-dir"])
    covered = {
        path
        for package, patterns in told["package-data"].items()
        for pattern in patterns
        for path in (ROOT / told["package-dir"].get(package, package.replace(".", "/"))).glob(pattern)
    }
    others = {ROOT / name for name in tracked() if name.startswith("cielr/") and not name.endswith(".py")}
    assert others - covered == set()
    assert covered, "the prompts at least"


def test_every_extra_is_told_by_the_readme_and_its_packages_are_used_and_checked_by_the_doctor():
    extras = {name: wanted for name, wanted in project()["project"]["optional-dependencies"].items() if name != "test"}
    [line] = re.findall(r"^Extras: (.+)\.$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert re.findall(r"`(\w+)`", line) == list(extras)
    packages = {re.split(r"[><=\[]", one)[0] for wanted in extras.values() for one in wanted}
    assert packages == set(OPTIONAL)
    assert {extra for extra, _ in OPTIONAL.values()} == set(extras)
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "cielr").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", code, re.MULTILINE))
    # diffusers and transformers import the one, segment_anything the other
    assert {name.replace("-", "_") for name in packages} - imported == {"accelerate", "torchvision"}


@pytest.mark.parametrize(("name", "size"), [("icon.png", (400, 400)), ("banner.png", (1344, 576))])
def test_icon_and_banner_have_the_registry_s_shapes(name, size):
    with Image.open(ROOT / "docs" / name) as picture:
        assert picture.size == size
        colours = picture.convert("RGB").getcolors(1 << 24)
    assert colours is not None
    # a drawing that did not render would be one colour
    assert len(colours) > 500
    drawing = (ROOT / "docs" / name).with_suffix(".svg").read_text(encoding="utf-8")
    assert "<text" not in drawing
    assert "font-family" not in drawing
    assert not re.search(r"(href|src)=\"(?!#)", drawing)


def test_every_line_of_comfyignore_leaves_something_out():
    names = tracked()
    assert [pattern for pattern in ignored() if not any(matches(pattern, name) for name in names)] == []


def test_what_the_pack_needs_is_packed_and_what_only_developers_need_is_not():
    names = packed()
    for needed in ("__init__.py", "pyproject.toml", "requirements.txt", "LICENSE", "README.md", "photos/coins.png"):
        assert needed in names
    folders = {name.split("/")[0] for name in names if "/" in name}
    assert folders >= {"cielr", "nodes", "web", "locales", "workflows", "photos"}
    assert not folders & {"tests", "benchmarks", "scripts", ".github"}
    if (ROOT / "subgraphs").is_dir():
        assert "subgraphs" in folders
    assert sum((ROOT / name).stat().st_size for name in names) < 12_000_000


def test_no_packed_text_names_a_folder_of_somebody_s_machine():
    own = re.compile(r"(?<![\w.~:<>-])/(?:root|home|Users|mnt|work|workspace)/\w")
    texts = [name for name in packed() if Path(name).suffix in (".py", ".md", ".json", ".toml", ".js", ".html", ".txt")]
    found = [name for name in texts if own.search((ROOT / name).read_text(encoding="utf-8"))]
    assert found == []


def test_the_forms_and_workflows_for_github_are_what_github_reads():
    yaml = pytest.importorskip("yaml", reason="PyYAML comes with the models' packages.")
    files = sorted((ROOT / ".github").rglob("*.yml"))
    told = {file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}
    assert set(told) >= {"ci.yml", "publish.yml", "bug.yml", "idea.yml", "model.yml"}
    # YAML 1.1 reads the key "on" as true
    assert told["publish.yml"][True]["push"] == {"tags": ["v*.*.*"]}
    steps = [step.get("run", "") for step in told["publish.yml"]["jobs"]["publish"]["steps"]]
    assert any("check_release.py" in step for step in steps)
    matrix = told["ci.yml"]["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert matrix == ["3.10", "3.11", "3.12", "3.13"]
    for name in ("bug.yml", "idea.yml", "model.yml"):
        assert {"name", "description", "body"} <= set(told[name])


# ------------------------------------------------------------------------------------------------ the check of a tag


@pytest.fixture
def release(tmp_path):
    """A small project at 1.2.3, ready to be published, and the check run on it."""
    sys.path.insert(0, str(CHECK.parent))
    try:
        import check_release
    finally:
        sys.path.remove(str(CHECK.parent))
    (tmp_path / "cielr").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "cielr" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3 (2026-02-01)\n\n- New.\n\n## 1.2.2\n\n- Old.\n")
    return tmp_path, lambda tag: check_release.problems(tag, tmp_path)


def test_a_tag_that_everything_agrees_with_may_be_published(release):
    _, problems = release
    assert problems("v1.2.3") == []


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2", "v1.2.3-rc1", "main"])
def test_what_is_no_version_tag_is_refused(release, tag):
    _, problems = release
    assert problems(tag) == [f"'{tag}' is not a version tag: write v1.2.3."]


def test_a_tag_for_another_version_is_refused_for_each_file_that_disagrees(release):
    _, problems = release
    assert len(problems("v1.2.2")) == 3


@pytest.mark.parametrize(
    ("changelog", "said"),
    [
        ("## 1.2.3\n\n## 1.2.2\n\n- Old.\n", "CHANGELOG.md tells nothing of 1.2.3."),
        ("## 1.2.3 (unreleased)\n\n- New.\n", "CHANGELOG.md still calls 1.2.3 unreleased: write its date."),
    ],
)
def test_a_changelog_that_is_not_ready_is_refused(release, changelog, said):
    root, problems = release
    (root / "CHANGELOG.md").write_text(changelog)
    assert problems("v1.2.3") == [said]


def test_the_check_ends_as_the_workflow_reads_it():
    assert subprocess.run([sys.executable, CHECK, "v0.0.0"], capture_output=True, timeout=60).returncode == 1
    assert subprocess.run([sys.executable, CHECK], capture_output=True, timeout=60).returncode == 2

"""Says whether a tag may be published: pyproject, package and changelog name its version. Standard library only.

python scripts/check_release.py v0.1.0
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def versions(root: Path = ROOT) -> dict[str, str]:
    """The version as pyproject.toml, the package and the newest section of the changelog have it."""

    def version_in(path: str, pattern: str) -> str:
        match = re.search(pattern, (root / path).read_text(encoding="utf-8"), re.MULTILINE)
        return match[1] if match else ""

    return {
        "pyproject.toml": version_in("pyproject.toml", r'^version = "([^"]+)"$'),
        "cielr/__init__.py": version_in("cielr/__init__.py", r'^__version__ = "([^"]+)"$'),
        "CHANGELOG.md": version_in("CHANGELOG.md", r"^## (\d+\.\d+\.\d+)"),
    }


def problems(tag: str, root: Path = ROOT) -> list[str]:
    """What keeps a tag from being published, a sentence each."""
    want = tag.removeprefix("v")
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        return [f"'{tag}' is not a version tag: write v1.2.3."]
    wrong = [
        f"{name} has version '{version}', the tag says '{want}'."
        for name, version in versions(root).items()
        if version != want
    ]
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(want)}\b(.*)\n([\s\S]*?)(?=^## |\Z)", text, re.MULTILINE)
    if section is None or not section[2].strip():
        return [*wrong, f"CHANGELOG.md tells nothing of {want}."]
    if "unreleased" in section[1].lower():
        wrong.append(f"CHANGELOG.md still calls {want} unreleased: write its date.")
    return wrong


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    wrong = problems(sys.argv[1])
    for problem in wrong:
        print(problem, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

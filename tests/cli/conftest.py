"""Shared by the tests of the command: a photo of discs, eyes that know them, and what a command says."""

from __future__ import annotations

import pytest
from cli_help import KnownDiscs
from discs import picture
from PIL import Image

from cielr.cli import main as cli


@pytest.fixture
def eyes(monkeypatch):
    made = KnownDiscs()
    monkeypatch.setattr("cielr.pipeline.run._builtin_parser", lambda: made)
    return made


@pytest.fixture
def photo(tmp_path):
    Image.fromarray(picture()).save(tmp_path / "photo.png", dpi=(300, 300))
    return tmp_path / "photo.png"


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call

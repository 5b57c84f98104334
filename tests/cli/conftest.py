"""Shared by the tests of the command: a photo of discs, eyes that know them, and what a command says."""

from __future__ import annotations

from contextlib import ExitStack

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
        # what was said before is not the command's
        capsys.readouterr()
        code = cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def home(monkeypatch, tmp_path):
    """The folder of all models that this machine seems to have."""
    for name in ("HF_HUB_OFFLINE", "COMFYUI_PATH", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CIELR_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def hub_with(monkeypatch, home):
    """`hub_with(repository, files)` is a local server that plays the hub."""
    from hub_server import Hub, playing
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with ExitStack() as open_hubs:

        def playing_it(*facts, **more):
            hub = open_hubs.enter_context(playing(Hub(*facts, **more)))
            monkeypatch.setenv("HF_ENDPOINT", hub.url)
            return hub

        yield playing_it

"""Shared by the tests of weights: a hub with one model, and a home to fetch it into."""

from __future__ import annotations

import pytest


@pytest.fixture
def online(monkeypatch, tmp_path):
    """As on a user's machine that may ask the hub, with a home of its own."""
    from huggingface_hub import constants

    for name in ("HF_HUB_OFFLINE", "HF_ENDPOINT", "HF_TOKEN", "COMFYUI_PATH", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CIELR_MODELS", str(tmp_path / "models"))


@pytest.fixture
def hub():
    from hub_server import Hub, playing, safetensors
    from weights_help import BIG, REPOSITORY

    files = {
        "config.json": b'{"model_type": "sam2"}',
        "preprocessor_config.json": b"{}" * 300,
        BIG: safetensors(3_000_000),
        "C:evil.json": b"{}",
        "sam2.1_hiera_tiny.pt": bytes(1000),
        "README.md": b"# SAM 2",
        "onnx/config.json": b"{}",
        "../../escaped.json": b"{}",
    }
    with playing(Hub(REPOSITORY, files)) as server:
        yield server


@pytest.fixture
def target():
    from weights_help import NAME

    from cielr.weights.catalogue import entry, place

    return place(entry(NAME))

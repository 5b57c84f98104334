"""Shared by the tests of weights: a hub with one model, and a home to fetch it into."""

from __future__ import annotations

import pytest

pytest.importorskip("huggingface_hub")


from cielr.weights.catalogue import WeightsError, entry, find, place
from cielr.weights.fetch import fetch

NAME = "sam2.1-tiny"
REPOSITORY = "facebook/sam2.1-hiera-tiny"
BIG = "model.safetensors"


def refused(hub) -> str:
    """The one sentence with which a fetching ends; nothing that looks whole is left."""
    with pytest.raises(WeightsError) as caught:
        fetch(NAME, endpoint=hub.url)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith(".")
    assert not place(entry(NAME)).exists()
    with pytest.raises(WeightsError, match="cielr weights fetch"):
        find(NAME)
    return said

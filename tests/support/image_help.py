"""Shared by the tests of reading and writing photos."""

import numpy as np
import pytest
from PIL import ImageCms

from cielr.errors import ImageError

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def colours(height=24, width=31, channels=3, dtype=np.uint8, seed=0):
    top = 256 if dtype == np.uint8 else 65536
    return np.random.default_rng(seed).integers(0, top, (height, width, channels), dtype=dtype)


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(ImageError) as caught:
        call(*args, **kwargs)
    sentence = str(caught.value)
    assert sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence

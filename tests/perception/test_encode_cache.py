"""What a model's image side computed is kept by the picture's content, within bounds."""

import numpy as np
import pytest
from things import noise

from cielr.perception.models.encode_cache import EncodeCache, content_key


def test_the_cache_is_bounded_by_bytes_and_forgets_the_oldest_use():
    cache = EncodeCache(max_bytes=250)
    made = []

    def of(name: str, size: int = 100):
        def make():
            made.append(name)
            return {"part": [np.zeros(size, dtype=np.uint8)]}

        return cache.get(1, name, make)

    of("a")
    of("b")
    of("a")
    of("c")
    assert cache.bytes == 200
    of("a")
    of("b")
    assert made == ["a", "b", "c", "b"]
    of("huge", 300)
    assert cache.bytes == 200
    assert len(cache) == 2
    with pytest.raises(ZeroDivisionError):
        cache.get(1, "bad", lambda: 1 / 0)
    assert len(cache) == 2
    cache.forget(2)
    assert len(cache) == 2
    cache.forget(1)
    assert cache.bytes == 0


def test_pictures_have_one_key_if_and_only_if_they_are_equal():
    image = noise(90, 150)
    assert content_key(image) == content_key(image.copy())
    assert content_key(image[:, ::-1]) != content_key(image)
    assert content_key(image.reshape(150, 90, 3)) != content_key(image)
    other = image.copy()
    other[-1, -1, -1] ^= 1
    assert content_key(other) != content_key(image)

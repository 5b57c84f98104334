"""What the built-in eyes see can be saved, whatever numbers of numpy it was judged by."""

import numpy as np
import pytest

import cielr


@pytest.mark.parametrize("dots", [0, 2, 9])
def test_every_scene_of_the_built_in_eyes_can_be_saved(dots):
    image = np.random.default_rng(1).normal(0.5, 0.02, (120, 160, 3)).clip(0, 1).astype(np.float32)
    for dot in range(dots):
        image[10 + 35 * (dot // 4) : 30 + 35 * (dot // 4), 10 + 36 * (dot % 4) : 30 + 36 * (dot % 4)] = (0.9, 0.1, 0.1)
    scene = cielr.perceive(image)
    assert cielr.Scene.from_json(scene.to_json()) == scene
    assert type(scene.crowded) is bool

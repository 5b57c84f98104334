"""Depth: synthetic ramps of known order, and a tiny model of the real class against its own processor."""

from __future__ import annotations

import numpy as np
import pytest
from resampling import as_levels, cubic, resampled
from things import noise

from cielr.perception.models.depth import far_from

RAMP = np.tile(np.linspace(2.0, 10.0, 200, dtype=np.float32), (50, 1))


def test_relative_predictions_are_nearness_and_come_out_as_distance():
    far = far_from(RAMP)
    assert far.dtype == np.float32
    assert far[0, 0] == pytest.approx(1)
    assert far[0, -1] == pytest.approx(0)
    assert far[0, 100] == pytest.approx(0.5, abs=0.01)
    assert (np.diff(far, axis=1) <= 0).all()


def test_metric_predictions_are_distance_already():
    assert np.allclose(far_from(RAMP, metric=True), 1 - far_from(RAMP), atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0, 1e-9])
def test_a_flat_picture_has_no_depth(value):
    noise = np.random.default_rng(0).normal(0, 1e-6 * abs(value), RAMP.shape)
    assert not far_from(np.full(RAMP.shape, value) + noise).any()


def test_single_hot_pixels_do_not_squeeze_the_rest():
    hot = RAMP.copy()
    hot[0, :3] = 1e6
    hot[1, 0] = -1e6
    assert np.abs(far_from(hot) - far_from(RAMP))[2:].max() < 0.02
    assert 0 <= far_from(hot).min() <= far_from(hot).max() <= 1


def test_what_is_no_number_is_farthest_and_spoils_nothing():
    holes = RAMP.copy()
    holes[3, 3], holes[4, 4], holes[5, 5] = np.nan, np.inf, -np.inf
    far = far_from(holes)
    assert far[3, 3] == far[4, 4] == far[5, 5] == 1
    assert np.abs(far - far_from(RAMP))[10:].max() < 0.01
    assert not far_from(np.full((4, 4), np.nan)).any()


# ------------------------------------------------------------------------------------------------------- with a model


@pytest.fixture
def estimator(tiny):
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from cielr.perception.models.encode_cache import EncodeCache
    from cielr.perception.models.loaders import load_depth

    found = load_depth(tiny("depth-anything"), device="cpu")
    found.network.cache = EncodeCache()
    return found


@pytest.mark.parametrize("size", [(90, 150), (150, 60)])
def test_depth_is_the_models_own_prediction_at_the_images_size(estimator, size):
    import torch

    image = noise(*size)
    inputs = estimator.image_processor(images=image, return_tensors="pt")
    with torch.no_grad():
        output = estimator.network.module(**inputs)
    theirs = estimator.image_processor.post_process_depth_estimation(output, target_sizes=[size])[0]["predicted_depth"]
    ours = estimator.depth(image)
    assert ours.shape == size
    assert np.allclose(ours, far_from(theirs.numpy()), atol=1e-5)
    assert 0 <= ours.min() <= ours.max() <= 1


def test_the_network_sees_multiples_of_its_patch_and_a_bicubic_picture(estimator):
    config = estimator.image_processor
    for size, scaled in (((90, 150), (56, 98)), ((150, 60), (140, 56))):
        # neither black nor white, so that no overshoot is cut off between the two passes
        image = noise(*size) // 3 + 85
        small = as_levels(resampled(image, *scaled, kernel=cubic, reach=2))
        expected = (small / 255 - config.image_mean) / config.image_std
        values = config(images=image, return_tensors="pt")["pixel_values"][0].permute(1, 2, 0).numpy()
        assert values.shape == expected.shape
        assert np.abs(values - expected).max() <= 1.01 / 255 / min(config.image_std)


def test_a_pictures_depth_is_computed_once(estimator):
    calls = []
    estimator.network.module.backbone.register_forward_hook(lambda *_: calls.append(1))
    first = estimator.depth(noise(90, 150))
    assert np.array_equal(estimator.depth(noise(90, 150).astype(np.float32) / 255), first)
    assert len(calls) == 1
    estimator.depth(noise(90, 150, seed=1))
    assert len(calls) == 2


def test_metric_models_are_known_by_their_config(tiny, tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    import tiny_models

    from cielr.perception.models.loaders import load_depth

    assert load_depth(tiny_models.depth_anything(tmp_path / "metric", metric=True), device="cpu").metric
    assert not load_depth(tiny("depth-anything"), device="cpu").metric


def test_an_interrupt_passes_through(estimator):
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        estimator.depth(noise(90, 150), on_step=stop)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 2), (3, 200)])
def test_strips_have_a_depth_too(estimator, size):
    far = estimator.depth(noise(*size))
    assert far.shape == size
    assert 0 <= far.min() <= far.max() <= 1

"""Segmenters with tiny models of the real classes: the arithmetic against each model's own pass and post-processing,
the geometry against logits of known shapes."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from resampling import as_levels, resampled  # noqa: E402
from things import noise  # noqa: E402

from cielr.core.geometry import Box, Mask  # noqa: E402
from cielr.perception.models.encode_cache import EncodeCache  # noqa: E402
from cielr.perception.models.loaders import load_segmenter  # noqa: E402
from cielr.perception.outlines import cleaned  # noqa: E402

WIDE, TALL, LARGE = (90, 150), (150, 60), (260, 200)
BOXES = [Box(10, 10, 50, 60), Box(0, 0, 60, 90), Box(30, 40, 58, 80)]
ALL = ("sam", "sam2", "sam3", "sam-file")
HUB = ("sam", "sam2", "sam3")


def load(tiny, name: str, **more):
    pytest.importorskip("segment_anything") if name == "sam-file" else None
    if name == "sam3" and not hasattr(transformers, "Sam3TrackerModel"):
        pytest.skip("this transformers has no SAM 3")
    segmenter = load_segmenter(tiny(name), device="cpu", **more)
    segmenter.network.cache = EncodeCache()
    return segmenter


def encoder(segmenter):
    module = segmenter.network.module
    return module.image_encoder if hasattr(module, "image_encoder") else module.vision_encoder


# ------------------------------------------------------------------------------ the same as the model's own way


@pytest.mark.parametrize("size", [WIDE, TALL, LARGE])
@pytest.mark.parametrize("name", HUB)
def test_masks_are_those_of_the_models_own_pass_and_processor(tiny, name, size):
    segmenter = load(tiny, name)
    processor = transformers.AutoProcessor.from_pretrained(tiny(name), local_files_only=True)
    image = noise(*size)
    height, width = size
    boxes = [box.clip(width, height) for box in BOXES]
    inputs = processor(
        images=image, input_boxes=[[list(map(float, box.corners)) for box in boxes]], return_tensors="pt"
    )
    pixels, prompts = inputs["pixel_values"], inputs["input_boxes"].float()
    with torch.no_grad():
        output = segmenter.network.module(pixel_values=pixels, input_boxes=prompts)
    more = [inputs["reshaped_input_sizes"]] if name == "sam" else []
    whole = processor.post_process_masks(output.pred_masks, inputs["original_sizes"], *more)[0].numpy()
    assert whole.shape == (len(boxes), 3, *size)
    logits, scores = segmenter._decoded(image, np.array([box.corners for box in boxes], dtype=float), None)
    assert np.allclose(logits, output.pred_masks[0].numpy(), atol=1e-4)
    assert np.allclose(scores, output.iou_scores[0].numpy(), atol=1e-5)
    for k in range(len(boxes)):
        for proposal in range(3):
            ours = segmenter._full_size(output.pred_masks[0, k, proposal].numpy(), width, height)
            assert np.array_equal(ours, whole[k, proposal])
    for mask, proposals in zip(segmenter.segment(image, boxes), whole, strict=True):
        assert any(np.array_equal(mask.to_array(), cleaned(one)) for one in proposals)


@pytest.mark.parametrize("size", [WIDE, TALL, LARGE])
def test_sams_own_file_gives_the_masks_of_its_own_predictor(tiny, size):
    segment_anything = pytest.importorskip("segment_anything")
    segmenter = load(tiny, "sam-file")
    image = noise(*size)
    predictor = segment_anything.SamPredictor(segmenter.network.module)
    predictor.set_image(image)
    height, width = size
    boxes = [box.clip(width, height) for box in BOXES]
    found = segmenter.segment(image, boxes)
    for box, mask in zip(boxes, found, strict=True):
        masks, scores, low = predictor.predict(box=np.array(box.corners), multimask_output=True)
        logits, values = segmenter._decoded(image, np.array([box.corners], dtype=float), None)
        assert np.allclose(logits[0], low, atol=1e-4)
        assert np.allclose(values[0], scores, atol=1e-5)
        assert any(np.array_equal(mask.to_array(), cleaned(one)) for one in masks)


@pytest.mark.parametrize("name", ["vit_b", "vit_l", "vit_h"])
def test_the_size_of_a_sam_is_read_from_its_weights(name):
    segment_anything = pytest.importorskip("segment_anything")
    from cielr.perception.models.segmenters import sam_from_state

    with torch.device("meta"):
        original = segment_anything.sam_model_registry[name]()
        ours = sam_from_state(original.state_dict())
    assert {key: value.shape for key, value in ours.state_dict().items()} == {
        key: value.shape for key, value in original.state_dict().items()
    }
    for mine, theirs in zip(ours.image_encoder.blocks, original.image_encoder.blocks, strict=True):
        assert mine.window_size == theirs.window_size
        assert mine.attn.num_heads == theirs.attn.num_heads
    assert ours.image_encoder.img_size == 1024
    assert ours.mask_decoder.transformer.num_heads == original.mask_decoder.transformer.num_heads


@pytest.mark.parametrize("name", HUB)
def test_the_encoder_sees_the_image_scaled_padded_and_normalised(tiny, name):
    segmenter = load(tiny, name)
    config = segmenter.image_processor
    side = segmenter.side
    for size in (WIDE, TALL, LARGE):
        image = noise(*size)
        if name == "sam":
            scale = side / max(size)
            scaled = (int(size[0] * scale + 0.5), int(size[1] * scale + 0.5))
        else:
            scaled = (side, side)
        small = as_levels(resampled(image, *scaled))
        expected = np.zeros((side, side, 3))
        expected[: scaled[0], : scaled[1]] = (small / 255 - config.image_mean) / config.image_std
        values = config(images=image, return_tensors="pt")["pixel_values"][0].permute(1, 2, 0).numpy()
        assert values.shape == expected.shape
        # one level of 255, where a value lies half way between two
        assert np.abs(values - expected).max() <= 1.01 / 255 / min(config.image_std)


@pytest.mark.parametrize("name", ["sam2", "sam3"])
def test_the_hubs_folders_hold_video_models_and_give_the_same_masks(tiny, tmp_path, capfd, name):
    import tiny_models

    plain = load(tiny, name)
    folder = getattr(tiny_models, f"{name}_video")(tmp_path / "video")
    capfd.readouterr()
    video = load_segmenter(folder, device="cpu")
    assert capfd.readouterr() == ("", "")
    assert video.segment(noise(*WIDE), BOXES) == plain.segment(noise(*WIDE), BOXES)


# ---------------------------------------------------------------------------------------------- shapes that are known


def disc_logits(segmenter, cx: float, cy: float, radius: float, size: tuple[int, int], side: int = 64) -> np.ndarray:
    """Logits [side, side] of a disc in the image, as this model's decoder would see it."""
    height, width = size
    across, down = segmenter._resized(width, height)
    y, x = np.mgrid[:side, :side] + 0.5
    x, y = x / side * segmenter.side * width / across, y / side * segmenter.side * height / down
    return (radius - np.hypot(x - cx, y - cy)).astype(np.float32)


def disc(cx: float, cy: float, radius: float, size: tuple[int, int]) -> Mask:
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    return Mask.from_array(np.hypot(x - cx, y - cy) < radius)


@pytest.mark.parametrize("size", [(200, 320), (320, 120)])
@pytest.mark.parametrize("name", ALL)
def test_a_shape_comes_out_where_it_is_in_wide_and_tall_pictures(tiny, monkeypatch, name, size):
    segmenter = load(tiny, name)
    cx, cy, radius = 70.0, 120.0, 40.0
    right = disc_logits(segmenter, cx, cy, radius, size)
    part = disc_logits(segmenter, cx, cy, 12, size)
    ground = np.ones_like(right)
    monkeypatch.setattr(
        segmenter, "_decoded", lambda *_: (np.stack([part, right, ground])[None], np.array([[0.9, 0.8, 0.85]]))
    )
    [mask] = segmenter.segment(noise(*size), [Box(30, 80, 110, 160)])
    assert mask.iou(disc(cx, cy, radius, size)) > 0.98


@pytest.mark.parametrize("name", ALL)
def test_everything_finds_each_shape_once_without_being_told(tiny, monkeypatch, name):
    segmenter = load(tiny, name, points_per_side=8)
    size = (160, 240)
    discs = [(60, 50, 30), (170, 90, 45)]

    def decoded(pixels, boxes, points):
        logits, scores = [], []
        for [(x, y)] in points:
            hit = [one for one in discs if np.hypot(x - one[0], y - one[1]) < one[2]]
            shape = disc_logits(segmenter, *(hit[0] if hit else (x, y, 20)), size) * 5
            shaky = disc_logits(segmenter, x, y, 30, size) * 0.02
            logits.append([shape, shaky, shape])
            scores.append([0.95, 0.95, 0.2] if hit else [0.3, 0.95, 0.2])
        return np.array(logits, dtype=np.float32), np.array(scores)

    monkeypatch.setattr(segmenter, "_decoded", decoded)
    found = segmenter.everything(noise(*size))
    assert len(found) == 2
    assert found[0].iou(disc(*discs[1], size)) > 0.97
    assert found[1].iou(disc(*discs[0], size)) > 0.97


# ------------------------------------------------------------------------------------------------- once for each image


@pytest.mark.parametrize("name", ALL)
def test_the_image_is_encoded_once_whatever_the_boxes_and_rounds(tiny, name):
    segmenter = load(tiny, name)
    calls = []
    encoder(segmenter).register_forward_hook(lambda *_: calls.append(1))
    image = noise(*WIDE)
    boxes = [Box(k, k, 40 + 3 * k, 50 + k) for k in range(20)]
    first = segmenter.segment(image, boxes)
    assert len(first) == 20
    for k in range(5):
        assert segmenter.segment(image, boxes[k : k + 1])
    segmenter.everything(image)
    assert len(calls) == 1
    assert segmenter.segment(image.astype(np.float32) / 255, boxes) == first
    assert len(calls) == 1
    segmenter.network.cache.forget()
    assert segmenter.segment(image, boxes) == first
    assert len(calls) == 2


@pytest.mark.parametrize("name", ALL)
def test_progress_is_told_and_what_it_raises_passes_through(tiny, name):
    segmenter = load(tiny, name)
    told = []
    boxes = [Box(k, k, 40 + 3 * k, 50 + k) for k in range(10)]
    segmenter.segment(noise(*WIDE), boxes, on_step=lambda done, total: told.append(done / total))
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1
    assert segmenter.segment(noise(*WIDE), []) == []

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        segmenter.segment(noise(*WIDE, seed=3), boxes, on_step=stop)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ALL)
def test_half_precision_runs_and_gives_about_the_same_logits(tiny, name, dtype):
    full, half = load(tiny, name), load(tiny, name, dtype=dtype)
    boxes = np.array([BOXES[0].corners], dtype=float)
    exact, rough = (one._decoded(noise(*WIDE), boxes, None)[0] for one in (full, half))
    assert np.abs(exact - rough).max() <= 0.1 * max(1.0, np.abs(exact).max())
    assert len(half.segment(noise(*WIDE), BOXES)) == len(BOXES)

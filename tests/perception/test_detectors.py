"""Detectors with tiny models of the real classes: the arithmetic against each model's own forward pass and processor,
the geometry against boxes set by hand."""

from __future__ import annotations

import gc

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from resampling import as_levels, resampled  # noqa: E402
from things import noise  # noqa: E402

from cielr.core.geometry import Box  # noqa: E402
from cielr.core.torch_models import is_out_of_memory  # noqa: E402
from cielr.errors import Cancelled  # noqa: E402
from cielr.perception.models.devices import ModelError, dtype_for  # noqa: E402
from cielr.perception.models.encode_cache import EncodeCache  # noqa: E402
from cielr.perception.models.loaders import load_detector  # noqa: E402

WIDE, TALL = (90, 150), (150, 60)
LABELS = ["cup", "spoon", "traffic light"]
BOTH = ("owlv2", "grounding-dino")


def encoder(detector):
    """The dear part of a detector's image side."""
    module = detector.network.module
    return module.model.backbone.conv_encoder if hasattr(module, "model") else module.owlv2.vision_model


def counted(module) -> list:
    calls = []
    module.register_forward_hook(lambda *_: calls.append(1))
    return calls


@pytest.fixture(params=BOTH)
def detector(request, tiny):
    found = load_detector(tiny(request.param), device="cpu", threshold=0.0)
    found.network.cache = EncodeCache()
    if request.param == "grounding-dino":
        found.word_threshold = 0.0
    return found


# ------------------------------------------------------------------------------------ the same as the model's own pass


@pytest.mark.parametrize("size", [WIDE, TALL])
def test_owlv2_gives_the_boxes_and_scores_of_its_own_forward_pass_and_processor(tiny, size):
    detector = load_detector(tiny("owlv2"), device="cpu", threshold=0.0)
    image = noise(*size)
    texts = [[f"a photo of a {label}" for label in LABELS]]
    inputs = detector.processor(
        text=texts, images=image, return_tensors="pt", padding="max_length", max_length=16, truncation=True
    )
    with torch.no_grad():
        output = detector.network.module(**inputs)
    boxes, scores = detector._scores(image, LABELS)
    assert np.allclose(boxes, output.pred_boxes[0].numpy(), atol=1e-6)
    assert np.allclose(scores, output.logits[0].sigmoid().numpy(), atol=1e-6)
    theirs = detector.processor.post_process_grounded_object_detection(
        output, threshold=0.0, target_sizes=[size], text_labels=[LABELS]
    )[0]
    height, width = size
    known = []
    for box, all_scores in zip(theirs["boxes"].numpy(), output.logits[0].sigmoid().numpy(), strict=True):
        x0, y0, x1, y1 = np.clip(np.round(box), 0, [width, height, width, height]).astype(int)
        known.append(((x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)), dict(zip(LABELS, all_scores, strict=True))))
    found = detector.detect(image, LABELS)
    assert len(found) > 3
    for one in found:
        # chance makes some scores all but equal: then each of those labels is right
        fitting = [scores for box, scores in known if box == one.box.corners]
        assert any(
            scores[one.label] == pytest.approx(one.score, abs=1e-5) and scores[one.label] >= max(scores.values()) - 1e-5
            for scores in fitting
        )


@pytest.mark.parametrize("size", [WIDE, TALL])
def test_grounding_dino_gives_the_boxes_and_token_scores_of_its_own_forward_pass(tiny, size):
    detector = load_detector(tiny("grounding-dino"), device="cpu")
    image = noise(*size)
    inputs = detector.processor(images=image, text=[LABELS], return_tensors="pt")
    with torch.no_grad():
        output = detector.network.module(**inputs)
    [(ids, spans)] = detector.captions(LABELS)
    assert ids == inputs["input_ids"][0].tolist()
    for _ in range(2):
        boxes, tokens = detector._token_scores(image, ids)
        assert np.allclose(boxes, output.pred_boxes[0].numpy(), atol=1e-6)
        assert np.allclose(tokens, output.logits[0, :, : len(ids)].sigmoid().numpy(), atol=1e-6)
    decode = detector.processor.tokenizer.decode
    assert {label: decode(ids[first:last]) for label, (first, last) in spans.items()} == {one: one for one in LABELS}


def test_owlv2_sees_the_image_padded_to_a_square_and_scaled(tiny):
    from scipy import ndimage

    detector = load_detector(tiny("owlv2"), device="cpu")
    config = detector.processor.image_processor
    for size in (WIDE, TALL, (300, 200)):
        image = noise(*size)
        side = max(size)
        square = np.zeros((side, side, 3))
        square[: size[0], : size[1]] = image / 255
        factor = side / 96
        if factor > 1:
            sigma = (factor - 1) / 2
            square = ndimage.gaussian_filter(square, (sigma, sigma, 0), mode="mirror", radius=int(np.ceil(3 * sigma)))
        expected = (resampled(square, 96, 96, widen=False) - config.image_mean) / config.image_std
        values = config(images=image, return_tensors="pt")["pixel_values"][0].permute(1, 2, 0).numpy()
        assert np.abs(values - expected).max() < 2e-3


def test_grounding_dino_sees_the_image_scaled_in_its_proportions(tiny):
    detector = load_detector(tiny("grounding-dino"), device="cpu")
    config = detector.processor.image_processor
    # the shorter side to 64, unless the longer one would pass 128
    for size, scaled in ((WIDE, (64, 106)), (TALL, (128, 51)), ((300, 200), (96, 64))):
        image = noise(*size)
        expected = (as_levels(resampled(image, *scaled)) / 255 - config.image_mean) / config.image_std
        found = config(images=image, return_tensors="pt")
        values = found["pixel_values"][0].permute(1, 2, 0).numpy()[: scaled[0], : scaled[1]]
        assert values.shape == expected.shape
        # one level of 255, where a value lies half way between two
        assert np.abs(values - expected).max() <= 1.01 / 255 / min(config.image_std)


# --------------------------------------------------------------------------------------------- boxes that are known


def set_scores(detector, monkeypatch, boxes, tokens_or_labels):
    name = "_scores" if hasattr(detector, "_scores") else "_token_scores"
    values = np.array(boxes, dtype=np.float32), np.array(tokens_or_labels, dtype=np.float32)
    monkeypatch.setattr(detector, name, lambda *_: values)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", [*BOTH, "sam", "sam2", "depth-anything"])
def test_a_picture_of_few_rows_keeps_its_colours(tiny, name, rows):
    from cielr.perception.models.devices import processed
    from cielr.perception.models.loaders import load_depth, load_segmenter

    load = load_detector if name in BOTH else load_depth if name == "depth-anything" else load_segmenter
    model = load(tiny(name), device="cpu")
    processor = model.processor.image_processor if name in BOTH else model.image_processor
    image = np.tile(np.array([250, 120, 10], np.uint8), (rows, 2, 1))
    values = processed(processor, image)["pixel_values"][0, :, 0, 0].numpy()
    assert values == pytest.approx((image[0, 0] / 255 - processor.image_mean) / processor.image_std, abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 2), (3, 200)])
def test_strips_are_pictures_too(detector, size):
    height, width = size
    for one in detector.detect(noise(*size), LABELS):
        assert 0 <= one.box.x0 < one.box.x1 <= width
        assert 0 <= one.box.y0 < one.box.y1 <= height


def test_owlv2_boxes_are_shares_of_the_padded_square(tiny, monkeypatch):
    detector = load_detector(tiny("owlv2"), device="cpu")
    # 30 x 60 pixels about (120, 30), in shares of a square of 300
    set_scores(detector, monkeypatch, [[0.4, 0.1, 0.1, 0.2]], [[0.9, 0.1]])
    assert detector.detect(noise(100, 300), ["cup", "spoon"])[0].box == Box(105, 0, 135, 60)
    assert detector.detect(noise(300, 200), ["cup", "spoon"])[0].box == Box(105, 0, 135, 60)
    # what lies in the padding alone is nothing
    assert detector.detect(noise(300, 100), ["cup", "spoon"]) == []


def test_grounding_dino_boxes_are_shares_of_the_image(tiny, monkeypatch):
    detector = load_detector(tiny("grounding-dino"), device="cpu")
    set_scores(detector, monkeypatch, [[0.4, 0.1, 0.1, 0.2]], [[0, 0.9, 0, 0.1, 0, 0]])
    assert detector.detect(noise(100, 300), ["cup", "spoon"])[0].box == Box(105, 0, 135, 20)
    assert detector.detect(noise(300, 100), ["cup", "spoon"])[0].box == Box(35, 0, 45, 60)


def test_a_box_bears_the_label_whose_words_fit_and_never_two_run_together(tiny, monkeypatch):
    detector = load_detector(tiny("grounding-dino"), device="cpu")
    # [CLS] traffic light . light . cup . [SEP]
    tokens = [
        [0, 0.7, 0.8, 0, 0.8, 0, 0.1, 0, 0],
        [0, 0.1, 0.9, 0, 0.9, 0, 0.1, 0, 0],
        [0, 0.0, 0.6, 0, 0.6, 0, 0.7, 0, 0],
    ]
    boxes = [[0.2, 0.5, 0.1, 0.1], [0.5, 0.5, 0.1, 0.1], [0.8, 0.5, 0.1, 0.1]]
    set_scores(detector, monkeypatch, boxes, tokens)
    found = {one.box.x0: one for one in detector.detect(noise(100, 100), ["traffic light", "light", "cup"])}
    assert [found[x].label for x in (15, 45, 75)] == ["light", "light", "cup"]
    assert found[15].alternatives == ("traffic light",)
    assert found[15].score == pytest.approx(0.8)


def test_labels_come_back_letter_for_letter_and_blank_ones_are_not_asked(detector):
    asked = ["Red Cup", " spoon ", "", "spoon", "a.b"]
    found = detector.detect(noise(*WIDE), asked)
    assert found
    assert {label for one in found for label in (one.label, *one.alternatives)} <= {"Red Cup", "spoon", "a.b"}
    assert detector.detect(noise(*WIDE), ["", "  "]) == []


def test_a_long_list_of_labels_is_split_into_captions_that_the_model_reads_whole(tiny):
    detector = load_detector(tiny("grounding-dino"), device="cpu", threshold=0.0, word_threshold=0.0)
    labels = [f"{word} {letter}" for letter in "abcdefghijklmnopqrst" for word in ("cup", "traffic light", "spoon")]
    captions = list(detector.captions([*labels, " ".join(["cup"] * 400)]))
    assert len(captions) > 1
    assert max(len(ids) for ids, _ in captions) <= 256
    named = [label for _, spans in captions for label in spans]
    assert named[:-1] == labels
    for ids, spans in captions:
        assert ids[0] == 101
        assert ids[-1] == 102
        assert all(ids[last] == 1012 for _, last in spans.values())
    calls = counted(encoder(detector))
    found = detector.detect(noise(*WIDE), labels)
    assert {one.label for one in found} <= set(labels)
    assert len(calls) == 1


def test_labels_longer_than_the_model_reads_are_cut_and_do_not_fail(detector):
    assert detector.detect(noise(*WIDE), ["cup " * 300, "spoon"])


# ------------------------------------------------------------------------------------------------- once for each image


def test_five_rounds_of_other_labels_encode_the_image_once(detector):
    calls = counted(encoder(detector))
    image = noise(*WIDE)
    first = detector.detect(image, LABELS)
    for labels in (["plate"], ["coin", "person"], ["dog"], LABELS):
        again = detector.detect(image, labels)
    assert len(calls) == 1
    assert detector.network.encodings == 1
    assert again == first
    detector.detect(noise(*WIDE, seed=1), LABELS)
    assert len(calls) == 2


def test_a_picture_as_floats_is_the_same_picture(detector):
    image = noise(*WIDE)
    as_floats = image.astype(np.float32) / 255
    assert detector.detect(image, LABELS) == detector.detect(as_floats, LABELS)
    assert detector.network.encodings == 1


def test_what_was_kept_gives_the_very_same_result_as_computing_again(detector):
    image = noise(*TALL)
    detector.detect(image, ["dog"])
    kept = detector.detect(image, LABELS)
    detector.network.cache.forget()
    assert detector.detect(image, LABELS) == kept
    assert detector.network.encodings == 2


def test_a_model_that_goes_takes_its_embeddings_with_it(tiny):
    cache = EncodeCache()
    detector = load_detector(tiny("owlv2"), device="cpu")
    detector.network.cache = cache
    detector.detect(noise(*WIDE), LABELS)
    assert cache.bytes > 0
    del detector
    gc.collect()
    assert cache.bytes == 0


# --------------------------------------------------------------------------------- progress, memory, number formats


def test_progress_is_told_block_by_block_and_an_interrupt_passes_through(detector):
    told = []
    detector.detect(noise(*WIDE), LABELS, on_step=lambda done, total: told.append((done, total)))
    assert len(told) >= 3
    assert [done for done, _ in told] == sorted(done for done, _ in told)

    def stop(done: int, total: int) -> None:
        if done > 0:
            raise Cancelled("stopped")

    image = noise(*WIDE, seed=5)
    with pytest.raises(Cancelled):
        detector.detect(image, LABELS, on_step=stop)
    # nothing half done is left: neither hooks nor an embedding
    assert not any(module._forward_pre_hooks for module in detector.network.module.modules())
    assert detector.detect(image, LABELS) == detector.detect(image, LABELS)


def test_who_manages_a_network_can_end_every_use_of_it(detector):
    from cielr.core.scene import DetectRequest, Scene
    from cielr.perception.parser import SceneParser

    image = noise(*WIDE)
    eyes = SceneParser(detector).perception(image)
    scene, request = Scene(width=150, height=90, objects=()), DetectRequest(labels=("cup",))
    looks = []

    def stop() -> None:
        looks.append(1)
        if len(looks) > 2:
            raise Cancelled("stopped")

    detector.network.watch = stop
    with pytest.raises(Cancelled):
        eyes.answer(scene, request)
    detector.network.watch = None
    assert not any(module._forward_pre_hooks for module in detector.network.module.modules())
    assert eyes.answer(scene, request).answer


def test_where_a_gpu_is_full_the_cpu_does_it_and_the_scene_says_so(tiny):
    from cielr.perception.parser import SceneParser

    detector = load_detector(tiny("owlv2"), device="cpu", threshold=0.0)
    detector.network.cache = EncodeCache()
    image = noise(*WIDE)
    expected = detector.detect(image, LABELS)
    detector.network.cache.forget()
    # stands for a GPU: this machine has none
    detector.network.device = torch.device("cuda")
    detector.network.prepare = lambda: None
    full = [True]

    def run_out(*_):
        if full.pop() if full else False:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")

    hook = detector.network.module.owlv2.vision_model.register_forward_pre_hook(run_out)
    scene = SceneParser(detector).parse(image, LABELS)
    hook.remove()
    assert "did not fit into the memory of cuda; it runs on the CPU" in scene.caption
    assert detector.network.device.type == "cpu"
    assert detector.detect(image, LABELS) == expected
    assert "did not fit" not in SceneParser(detector).parse(image, LABELS).caption, "said once"


def test_where_main_memory_is_full_an_error_says_so(tiny):
    detector = load_detector(tiny("owlv2"), device="cpu")

    def run_out(*_):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")

    detector.network.module.owlv2.vision_model.register_forward_pre_hook(run_out)
    with pytest.raises(ModelError, match="does not fit into memory"):
        detector.detect(noise(*WIDE, seed=9), LABELS)


def test_memory_errors_are_told_from_others():
    assert is_out_of_memory(torch.OutOfMemoryError("x"))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"))
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert not is_out_of_memory(ValueError("out of memory"))


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_finds_about_the_same(tiny, name, dtype):
    full = load_detector(tiny(name), device="cpu", threshold=0.0)
    half = load_detector(tiny(name), device="cpu", dtype=dtype, threshold=0.0)
    assert half.network.dtype == getattr(torch, dtype)
    if name == "owlv2":
        whole, rough = (one._scores(noise(*WIDE), LABELS)[0] for one in (full, half))
        assert np.abs(whole - rough).max() < 0.05
    assert isinstance(half.detect(noise(*WIDE), LABELS), list)


def test_half_precision_is_for_gpus_and_unknown_formats_are_refused():
    assert dtype_for("cuda", None) == "float16"
    assert dtype_for("cpu", None) == "float32"
    assert dtype_for("cpu", "bfloat16") == "bfloat16"
    with pytest.raises(ValueError, match="int4"):
        dtype_for("cpu", "int4")


def test_offloading_leaves_the_result_as_it_is(tiny):
    plain = load_detector(tiny("owlv2"), device="cpu", threshold=0.0)
    away = load_detector(tiny("owlv2"), device="cpu", threshold=0.0, offload=True)
    assert plain.detect(noise(*WIDE), LABELS) == away.detect(noise(*WIDE), LABELS)

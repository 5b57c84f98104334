"""Metrics against closed forms and against code written independently of ours."""

import math

import numpy as np
import pytest
from PIL import Image

from cielr.core.geometry import Box, Mask
from cielr.errors import CielrError
from cielr.evaluation.metrics import Networks, against_truth, matched_objects
from cielr.evaluation.metrics import outside_and_inside as scored
from cielr.evaluation.metrics.networks import SQUEEZENET
from cielr.evaluation.metrics.pixels import l1, l2, psnr, ssim

RNG = np.random.default_rng(7)
NONE = Networks("/nowhere")


@pytest.fixture(autouse=True)
def no_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "no torch"))


def pictures(height=70, width=90):
    first = RNG.integers(0, 256, (height, width, 3), dtype=np.uint8)
    noise = RNG.integers(-20, 21, first.shape)
    return first, np.clip(first + noise, 0, 255).astype(np.uint8)


def blob(height=70, width=90):
    mask = np.zeros((height, width), dtype=np.uint8)
    mask[20:50, 30:61] = 255
    return mask


# --------------------------------------------------------------------------------------------------- closed forms


def test_distances_have_their_closed_forms():
    black = np.zeros((20, 30, 3), dtype=np.uint8)
    grey = np.full_like(black, 51)
    assert l1(black, grey) == pytest.approx(0.2, abs=1e-12)
    assert l2(black, grey) == pytest.approx(0.04, abs=1e-12)
    assert psnr(black, grey) == pytest.approx(-10 * math.log10(0.04), abs=1e-9)
    assert psnr(black, black) == math.inf
    # without variance SSIM is its luminance term
    assert ssim(black, grey) == pytest.approx(1e-4 / (0.04 + 1e-4), abs=1e-9)


def test_only_the_pixels_that_are_picked_count():
    black = np.zeros((20, 30, 3), dtype=np.uint8)
    half = black.copy()
    half[:, 15:] = 255
    left = np.zeros((20, 30), dtype=bool)
    left[:, :15] = True
    assert (l1(black, half, left), l1(black, half, ~left)) == (0, 1)
    assert math.isnan(l1(black, half, left & ~left))


def test_ssim_equals_torchmetrics():
    torch = pytest.importorskip("torch")
    image = pytest.importorskip("torchmetrics.functional.image")
    first, second = pictures()
    tensors = [torch.from_numpy(one / 255.0).permute(2, 0, 1)[None] for one in (first, second)]
    theirs = image.structural_similarity_index_measure(*tensors, data_range=1.0)
    assert ssim(first, second) == pytest.approx(float(theirs), abs=1e-6)
    # theirs takes the logarithm in float32
    assert psnr(first, second) == pytest.approx(
        float(image.peak_signal_noise_ratio(*tensors, data_range=1.0)), rel=1e-6
    )


def test_pictures_of_two_sizes_are_refused_in_a_sentence():
    with pytest.raises(CielrError, match="90 x 70 and 90 x 71"):
        l1(pictures()[0], pictures(71)[0])
    with pytest.raises(CielrError, match="11 x 11"):
        ssim(*pictures(10, 10))


# ------------------------------------------------------------------------------------------------------ Reason-Edit


def test_official_scores_equal_torchmetrics_on_the_protocols_pictures_with_soft_masks_and_the_whole_frame():
    torch = pytest.importorskip("torch")
    image = pytest.importorskip("torchmetrics.functional.image")
    original, edited = pictures()
    mask = blob()
    mask[20:50, 30] = 90
    small = 1 - np.asarray(Image.fromarray(mask).resize((256, 256), Image.NEAREST)) / 255
    tensors = [
        torch.from_numpy(np.asarray(Image.fromarray(one).resize((256, 256), Image.BICUBIC)) / 255 * small[..., None])
        .permute(2, 0, 1)
        .double()[None]
        for one in (original, edited)
    ]
    got = scored(original, edited, mask, "a cup", NONE, "official")
    assert set(got) == {"psnr", "ssim", "mse"}
    assert got["ssim"] == pytest.approx(
        float(image.structural_similarity_index_measure(*tensors, data_range=1.0)), abs=1e-6
    )
    assert got["psnr"] == pytest.approx(float(image.peak_signal_noise_ratio(*tensors, data_range=1.0)), abs=1e-4)


def test_fixed_counts_background_pixels_alone_and_thresholds_the_mask():
    original, _ = pictures()
    mask = blob()
    mask[0, 0] = 3  # JPEG's ringing is no mask
    edited = original.copy()
    edited[20:50, 30:61] = 0
    got = scored(original, edited, mask, "", NONE)
    assert got["psnr"] == math.inf
    assert got["changed outside"] == 0
    assert got["ssim"] == pytest.approx(1)
    edited[0, 0] = original[0, 0] ^ 255
    got = scored(original, edited, mask, "", NONE)
    outside = 70 * 90 - 30 * 31
    error = (((original[0, 0].astype(float) - edited[0, 0]) / 255) ** 2).sum() / (3 * outside)
    assert got["psnr"] == pytest.approx(-10 * math.log10(error), abs=1e-9)
    assert got["changed outside"] == 1


# ------------------------------------------------------------------------------------------------------- MagicBrush


def test_distances_to_the_truth_are_the_protocols_after_a_resize():
    truth, edited = pictures()
    larger = np.asarray(Image.fromarray(edited).resize((180, 140), Image.BICUBIC))
    got = against_truth(larger, truth, "", NONE)
    back = np.asarray(Image.fromarray(larger).resize((90, 70), Image.BICUBIC)).astype(float)
    assert got["l1"] == pytest.approx(np.abs(back - truth).mean() / 255, abs=1e-9)
    assert got["l2"] == pytest.approx(((back - truth) ** 2).mean() / 255**2, abs=1e-9)


def test_a_missing_weight_switches_off_its_column_with_a_sentence():
    networks = Networks("/nowhere")
    truth, edited = pictures()
    assert set(against_truth(edited, truth, "a cup", networks)) == {"l1", "l2"}
    assert "lpips" not in scored(truth, edited, blob(), "a cup", networks)
    assert set(networks.missing) == {"clip_base", "clip_large", "dino", "lpips"}
    for sentence in networks.missing.values():
        assert "is left out" in sentence
        assert sentence.endswith(".")


# --------------------------------------------------------------------------------------------------------- networks


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Tiny random networks of the real classes, laid out as the real weights are."""
    torch = pytest.importorskip("torch")
    models = pytest.importorskip("torchvision.models")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    words = ["<|startoftext|>", "<|endoftext|>", "a</w>", "cup</w>", *(f"{c}</w>" for c in "bcdef")]
    vocabulary = {word: number for number, word in enumerate(words)}
    text = {"vocab_size": 64, "hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2}
    text |= {"num_attention_heads": 4, "max_position_embeddings": 16, "bos_token_id": 0, "eos_token_id": 1}
    vision = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 4}
    vision |= {"image_size": 30, "patch_size": 6}
    for name in ("clip-vit-large-patch14", "clip-vit-base-patch32"):
        config = transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=24)
        transformers.CLIPModel(config).save_pretrained(folder / name)
        transformers.CLIPTokenizer(vocab=vocabulary, merges=[]).save_pretrained(folder / name)
    vit = transformers.ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=37, image_size=28, patch_size=7
    )
    transformers.ViTModel(vit, add_pooling_layer=False).save_pretrained(folder / "dino-vits16")
    torch.save(models.squeezenet1_1(weights=None).state_dict(), folder / SQUEEZENET)
    return folder


def test_lpips_equals_its_formula_on_torchvisions_features(weights):
    torch = pytest.importorskip("torch")
    lpips = pytest.importorskip("lpips")
    from torchvision.models import squeezenet1_1

    first, second = pictures()
    network = squeezenet1_1(weights=None).eval()
    network.load_state_dict(torch.load(weights / SQUEEZENET, weights_only=True))
    layers = torch.load(f"{lpips.__path__[0]}/weights/v0.1/squeeze.pth", "cpu", weights_only=True)
    shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])
    ends, total = (1, 4, 7, 9, 10, 11, 12), 0.0
    tensors = [
        ((torch.from_numpy(one / 127.5 - 1).float() - shift) / scale).permute(2, 0, 1)[None] for one in (first, second)
    ]
    with torch.no_grad():
        for position, layer in enumerate(network.features):
            tensors = [layer(one) for one in tensors]
            if position in ends:
                a, b = (one / (one.pow(2).sum(1, keepdim=True).sqrt() + 1e-10) for one in tensors)
                weight = layers[f"lin{ends.index(position)}.model.1.weight"]
                total += float((weight * (a - b).pow(2)).sum(1).mean())
    assert Networks(weights).lpips(first, second) == pytest.approx(total, abs=1e-6)


def test_clip_and_dino_equal_what_torchvisions_own_transforms_and_the_whole_models_give(weights):
    torch = pytest.importorskip("torch")
    transforms = pytest.importorskip("torchvision.transforms")
    transformers = pytest.importorskip("transformers")
    first, second = (Image.fromarray(one) for one in pictures(61, 83))
    bicubic = transforms.InterpolationMode.BICUBIC

    def tensor(image, resize, side, mean, std):
        steps = [transforms.Resize(resize, bicubic), transforms.CenterCrop(side), transforms.ToTensor()]
        return transforms.Compose([*steps, transforms.Normalize(mean, std)])(image)[None]

    clip_norm = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
    model = transformers.CLIPModel.from_pretrained(weights / "clip-vit-base-patch32").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(weights / "clip-vit-base-patch32")
    with torch.no_grad():
        pixels = torch.cat([tensor(one, 30, 30, *clip_norm) for one in (first, second)])
        out = model(pixel_values=pixels, **tokenizer("a cup", return_tensors="pt"))
    networks = Networks(weights)
    a, b = np.asarray(first), np.asarray(second)
    images, words = out.image_embeds.double().numpy(), out.text_embeds.double().numpy()
    assert networks.clip_image("clip_base", a, b) == pytest.approx(float(images[0] @ images[1]), abs=1e-6)
    assert networks.clip_text("clip_base", a, "a cup") == pytest.approx(float(images[0] @ words[0]), abs=1e-6)

    vit = transformers.ViTModel.from_pretrained(weights / "dino-vits16").eval()
    norm = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    with torch.no_grad():
        tokens = [vit(tensor(one, 32, 28, *norm)).last_hidden_state[0, 0].double().numpy() for one in (first, second)]
    cosine = tokens[0] @ tokens[1] / np.linalg.norm(tokens[0]) / np.linalg.norm(tokens[1])
    assert networks.dino(a, b) == pytest.approx(float(cosine), abs=1e-6)


def test_with_weights_every_column_is_there(weights):
    networks = Networks(weights)
    original, edited = pictures()
    for mode in ("official", "fixed"):
        assert {"psnr", "ssim", "mse", "lpips", "clip"} <= set(
            scored(original, edited, blob(), "a cup", networks, mode)
        )
        assert set(against_truth(edited, original, "a cup", networks, mode)) == {"l1", "l2", "clip-i", "dino", "clip-t"}
    assert networks.missing == {}


def test_official_clip_leaves_out_the_last_row_and_column_and_fixed_does_not(weights, monkeypatch):
    networks, seen = Networks(weights), []
    monkeypatch.setattr(networks, "clip_text", lambda role, image, text: seen.append(image.shape) or 0.5)
    original, edited = pictures(256, 256)
    mask = np.zeros((256, 256), dtype=np.uint8)
    mask[10:20, 30:50] = 255
    assert scored(original, edited, mask, "a", networks, "official")["clip"] == 50
    assert scored(original, edited, mask, "a", networks, "fixed")["clip"] == 50
    assert seen == [(9, 19, 3), (10, 20, 3)]


# ------------------------------------------------------------------------------------------------------------ masks


def box(x0, y0, x1, y1):
    return Mask.from_box(Box(x0, y0, x1, y1), 100, 100)


def test_things_are_matched_one_to_one_by_the_best_sum():
    truth = {"a": box(0, 0, 10, 10), "b": box(50, 50, 70, 70)}
    seen = {"x": box(0, 0, 10, 9), "y": box(0, 0, 10, 10), "z": box(52, 50, 72, 70), "far": box(90, 90, 99, 99)}
    assert matched_objects(seen, truth) == {"y": "a", "z": "b"}
    assert matched_objects({}, truth) == {}

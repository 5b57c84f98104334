"""Metrics by networks: LPIPS, CLIP and DINO. Weights come from this machine; what is missing switches off its column.

They are looked for in a folder that the caller names (subfolders as in `FOLDERS`, and the file `SQUEEZENET`), then in
the caches of Hugging Face and of torch. Nothing is downloaded.
"""

from __future__ import annotations

import os
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...core.declared import check_folder, check_network, weight_files
from ...core.pickled import check_archive
from ...errors import CielrError
from .pixels import unit

FOLDERS = {
    "clip_large": "openai/clip-vit-large-patch14",
    "clip_base": "openai/clip-vit-base-patch32",
    "dino": "facebook/dino-vits16",
}
"""Roles, and the repositories of their weights; in the caller's folder, the part after the slash."""
SQUEEZENET = "squeezenet1_1-b8a52dc0.pth"
"""torchvision's ImageNet weights, on which LPIPS stands; its own layers come with the package lpips."""
COLUMNS = {"clip_large": "CLIP", "clip_base": "CLIP-I and CLIP-T", "dino": "DINO", "lpips": "LPIPS"}
OWN_CODE: Any = {"local_files_only": True, "trust_remote_code": False}
"""Nothing is fetched, and no code that a folder brings is run, nor is anybody asked."""
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Unavailable(CielrError):
    """A network that is not on this machine; the message says what to put where."""


class Networks:
    """The networks, each loaded when it is first asked for.

    Attributes:
        folder: with the weights, or None for the caches alone.
        missing: a sentence for each network that was asked for and is not there, by role.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder) if folder is not None else None
        self._networks: dict[str, Any] = {}
        self.missing: dict[str, str] = {}

    def lpips(self, a: np.ndarray, b: np.ndarray) -> float | None:
        """Learned perceptual distance (Zhang et al. 2018, squeeze net) of two pictures uint8 or float [H, W, 3].

        None where its weights are missing.
        """
        network = self._loaded("lpips")
        if network is None:
            return None
        import torch

        with torch.inference_mode():
            return float(network(*(_tensor((unit(image) * 2 - 1).astype(np.float32)) for image in (a, b))).item())

    def clip_text(self, role: str, image: np.ndarray, text: str) -> float | None:
        """Cosine of a picture uint8[H, W, 3] and a text in CLIP, in [-1, 1]; None where the weights are missing."""
        pictures, words = self._clip_image(role, image), self._clip_words(role, text)
        return None if pictures is None or words is None else _cosine(pictures, words)

    def clip_image(self, role: str, a: np.ndarray, b: np.ndarray) -> float | None:
        """Cosine of two pictures uint8[H, W, 3] in CLIP; None where the weights are missing."""
        first, second = self._clip_image(role, a), self._clip_image(role, b)
        return None if first is None or second is None else _cosine(first, second)

    def dino(self, a: np.ndarray, b: np.ndarray) -> float | None:
        """Cosine of two pictures uint8[H, W, 3] in DINO's class token; None where the weights are missing."""
        network = self._loaded("dino")
        if network is None:
            return None
        import torch

        side = int(network.config.image_size)
        with torch.inference_mode():
            # the protocol resizes to 256 and crops to 224: the same share for a network of another size
            crops = [prepared(image, round(side * 256 / 224), side, IMAGENET_MEAN, IMAGENET_STD) for image in (a, b)]
            tokens = [network(_tensor(crop)).last_hidden_state[0, 0].double().cpu().numpy() for crop in crops]
        return _cosine(*tokens)

    # ------------------------------------------------------------------------------------------------------ loading

    def _loaded(self, role: str) -> Any:
        """What the role's networks are, loaded once; None where they are missing."""
        if role in self.missing:
            return None
        try:
            if role not in self._networks:
                load = {"lpips": self._load_lpips, "dino": self._load_dino}.get(role) or partial(self._load_clip, role)
                self._networks[role] = load()
            return self._networks[role]
        except Unavailable as error:
            self.missing[role] = str(error)
        except (ImportError, RuntimeError, OSError, ValueError) as error:
            # a package or a file that is there and does not load
            words = " ".join(str(error).split())[:200].rstrip(".")
            self.missing[role] = f"{COLUMNS[role]} is left out: it does not load here ({words})."
        return None

    def _load_lpips(self) -> Any:
        _need("LPIPS", "torch", "torchvision", "lpips")
        path = self._squeezenet()
        import lpips
        import torch

        # pnet_rand: the backbone is ours to load; the package would fetch it
        network = lpips.LPIPS(net="squeeze", pnet_rand=True, verbose=False)
        try:
            check_archive(path)
        except ValueError as error:
            raise Unavailable(f"LPIPS is left out: {path} is not opened: {error}.") from error
        state = torch.load(path, map_location="cpu", weights_only=True)
        try:
            with torch.no_grad():
                for name, value in network.net.named_parameters():
                    value.copy_(state["features." + name.partition(".")[2]])
        except (KeyError, RuntimeError) as error:
            raise Unavailable(f"LPIPS is left out: {path} holds no weights of torchvision's squeezenet1_1.") from error
        return network.eval()

    def _load_clip(self, role: str) -> Any:
        _need("CLIP", "torch", "transformers")
        path = self._weights(role)
        from transformers import AutoTokenizer, CLIPModel

        _check_declared(CLIPModel, path)
        model: Any = CLIPModel.from_pretrained(path, **OWN_CODE).eval()
        return model, AutoTokenizer.from_pretrained(path, **OWN_CODE)

    def _load_dino(self) -> Any:
        _need("DINO", "torch", "transformers")
        path = self._weights("dino")
        from transformers import ViTModel

        _check_declared(ViTModel, path)
        return ViTModel.from_pretrained(path, add_pooling_layer=False, **OWN_CODE).eval()

    def _weights(self, role: str) -> str:
        name = FOLDERS[role]
        if self.folder is not None and (self.folder / name.partition("/")[2]).is_dir():
            return str(self.folder / name.partition("/")[2])
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            return snapshot_download(name, local_files_only=True)
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
            raise Unavailable(
                f"{COLUMNS[role]} is left out: the weights {name} are not on this machine; "
                f"`hf download {name}` fetches them, or --metric-weights names a folder that holds them."
            ) from error

    def _squeezenet(self) -> Path:
        folders = [self.folder] if self.folder is not None else []
        # where torch.hub keeps them; asking torch itself would cost seconds
        cache = os.environ.get("TORCH_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "torch"
        folders.append(Path(cache).expanduser() / "hub" / "checkpoints")
        for folder in folders:
            if (folder / SQUEEZENET).is_file():
                return folder / SQUEEZENET
        raise Unavailable(
            f"LPIPS is left out: {SQUEEZENET} (torchvision's squeezenet1_1) is in none of "
            f"{', '.join(map(str, folders))}; put it there."
        )

    # ---------------------------------------------------------------------------------------------------- embeddings

    def _clip_image(self, role: str, image: np.ndarray) -> np.ndarray | None:
        loaded = self._loaded(role)
        if loaded is None:
            return None
        import torch

        model, _ = loaded
        side = int(model.config.vision_config.image_size)
        with torch.inference_mode():
            pixels = _tensor(prepared(image, side, side, CLIP_MEAN, CLIP_STD))
            pooled = model.vision_model(pixel_values=pixels).pooler_output
            return model.visual_projection(pooled)[0].double().cpu().numpy()

    def _clip_words(self, role: str, text: str) -> np.ndarray | None:
        loaded = self._loaded(role)
        if loaded is None:
            return None
        import torch

        model, tokenizer = loaded
        most = int(model.config.text_config.max_position_embeddings)
        with torch.inference_mode():
            tokens = tokenizer(text, return_tensors="pt", truncation=True, max_length=most)
            pooled = model.text_model(input_ids=tokens.input_ids, attention_mask=tokens.attention_mask).pooler_output
            return model.text_projection(pooled)[0].double().cpu().numpy()


def prepared(image: np.ndarray, resize: int, side: int, mean: tuple[float, ...], std: tuple[float, ...]) -> np.ndarray:
    """float32[side, side, 3]: the shorter side resized (Pillow's bicubic), the centre cropped, normalised.

    Args:
        image: uint8[H, W, 3].
    """
    picture = Image.fromarray(image)
    width, height = picture.size
    # the longer side is cut off to whole pixels, as torchvision's Resize does
    size = (resize, int(resize * height / width)) if width <= height else (int(resize * width / height), resize)
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    left, top = round((size[0] - side) / 2), round((size[1] - side) / 2)
    pixels = np.asarray(picture.crop((left, top, left + side, top + side)), dtype=np.float32) / np.float32(255)
    return (pixels - np.asarray(mean, dtype=np.float32)) / np.asarray(std, dtype=np.float32)


def _tensor(pixels: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]


def _check_declared(kind: Any, path: str) -> None:
    """Raises ValueError where a folder's config.json declares more than its weights fill."""
    folder = Path(path)
    check_folder(folder)
    declared = kind.config_class.from_pretrained(path, **OWN_CODE)
    check_network(lambda: kind(declared), weight_files(folder), folder)


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def _need(column: str, *packages: str) -> None:
    absent = [name for name in packages if find_spec(name) is None]
    if absent:
        raise Unavailable(
            f"{column} is left out: {', '.join(absent)} {'is' if len(absent) == 1 else 'are'} not installed; "
            'the extra "eval" brings what it takes.'
        )

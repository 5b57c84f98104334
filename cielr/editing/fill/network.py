"""Filling holes with a network made for it (LaMa, MAT), read through spandrel; it removes, it cannot draw."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.arrays import as_dtype, as_floats, resized
from ...core.torch_models import before_each, best_device, empty_cache, is_out_of_memory
from ...core.weight_files import FILL_SUFFIXES, is_sparse
from ...errors import CielrError, EditError
from ..diffusion.families import Work
from ..torch_work import Progress, first_line, need
from .torchscript import is_torchscript, torchscript_weights

if TYPE_CHECKING:
    from ...core.scene import OnStep

SIDES = (1024, 768, 512, 256)
"""The longest side to work at, first to last when memory runs out: larger holes than that, LaMa leaves empty anyway."""
FILLS = ("LaMa", "MAT")
"""Architectures of spandrel that fill holes; the sizes of both are fixed."""
MAT_KEYS = {f"{prefix}synthesis.first_stage.conv_first.conv.resample_filter" for prefix in ("", "model.")}


class SpandrelFill:
    """A `Filler` from a file of weights: LaMa (Suvorov et al., WACV 2022) or MAT (Li et al., CVPR 2022).

    MAT's architecture is in the package `spandrel_extra_arches`, apart because its licence forbids commercial use.
    Only tensors are read from files, never programs. The network is loaded at first use and stays until `release`.

    Args:
        path: a `.safetensors`, `.pt`, `.pth` or `.ckpt` file, TorchScript (`big-lama.pt`) included.
        device: "cuda", "mps", "cpu"; None takes the best there is.

    Raises:
        EditError: where the file is missing or of another format.
        MissingDependency: without torch, torchvision or spandrel.

    Attributes:
        prepare: where somebody else manages the memory, called with the network before each use, in the place of
            moving it; it leaves it on the device.
    """

    def __init__(self, path: str | Path, device: str | None = None) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise EditError(f"There is no file '{path}'; give the weights of a LaMa or MAT model.")
        if self.path.suffix.lower() not in FILL_SUFFIXES:
            raise EditError(f"'{path}' is not a weights file; use {', '.join(FILL_SUFFIXES)}.")
        need("torch", "torchvision", "spandrel")
        self.device = device or best_device()
        self.prepare: Callable[[list[Any]], None] | None = None
        self._model: Any = None

    def fill(
        self, image: np.ndarray, hole: np.ndarray, avoid: np.ndarray, seed: int, on_step: OnStep | None = None
    ) -> np.ndarray:
        """As `Filler.fill`. What is to be avoided is hidden from the network like the hole, and kept as it is.

        Raises:
            EditError: where nothing is left to fill from, the file is no fill model, or memory runs out at every size.
        """
        if hole.all():
            raise EditError("The region covers the whole picture, so nothing is left to fill it from.")
        if not hole.any():
            return image.copy()
        hidden = hole if (hole | avoid).all() else hole | avoid
        progress = Progress(on_step)
        progress.tell(0, 1)
        try:
            for side in SIDES:
                try:
                    drawn = self._draw(image, hidden, side, seed, progress)
                    break
                except Exception as error:
                    if error is progress.raised or not is_out_of_memory(error):
                        raise
                empty_cache()
            else:
                self.release()
                raise EditError(f"'{self.path.name}' needs more memory than {self.device} has free, even at {side} px.")
        except Exception as error:
            if error is progress.raised or isinstance(error, CielrError):
                raise
            raise EditError(f"The fill model '{self.path.name}' failed: {first_line(error)}.") from error
        result = image.copy()
        result[hole] = as_dtype(drawn[hole], image.dtype)
        return result

    def release(self) -> None:
        """Gives the memory back; the next use loads the network again."""
        if self._model is not None:
            self._model = None
            empty_cache()

    def __repr__(self) -> str:
        return f"SpandrelFill({self.path.name!r}, {self.device})"

    def _draw(self, image: np.ndarray, hidden: np.ndarray, side: int, seed: int, progress: Progress) -> np.ndarray:
        """float32 [H, W, 3]: the image with what is hidden filled, at its own size."""
        import torch

        model = self._loaded()
        if self.prepare is not None:
            self.prepare([model.model])
        height, width = hidden.shape
        work = _size(height, width, side, model.size_requirements)
        picture = work.pad(resized(as_floats(image), work.width, work.height))
        mask = work.pad(resized(hidden.astype(np.float32), work.width, work.height)) > 1e-6
        if model.architecture.id == "MAT":
            # it draws its style by chance once for ever, and keeps it on the processor
            style = np.random.default_rng(seed % 2**63).standard_normal(tuple(model.model.z.shape))
            model.model.z = torch.from_numpy(style).to(self.device, torch.float32)
            model.model.label = model.model.label.to(self.device)
        with torch.inference_mode(), torch.random.fork_rng(devices=()), _counted(progress, model.model):
            # MAT drops some of its features by chance, on the processor, even when it is not being trained
            torch.default_generator.manual_seed(seed % 2**63)
            drawn = model(
                torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None].to(self.device),
                torch.from_numpy(mask.astype(np.float32))[None, None].to(self.device),
            )
        values = drawn[0].permute(1, 2, 0).float().cpu().numpy()
        if not np.isfinite(values).all():
            raise EditError(f"The fill model '{self.path.name}' drew numbers that are none; its file may be damaged.")
        return resized(np.ascontiguousarray(values[work.inside]), width, height)

    def _loaded(self) -> Any:
        if self._model is None:
            try:
                weights = _weights(self.path)
                from spandrel import ModelLoader, canonicalize_state_dict

                weights = canonicalize_state_dict(weights)
                device = "cpu" if self.prepare else self.device
                registry = _registry(self.path, weights)
                _check_fills(self.path, registry, weights)
                model = ModelLoader(device, registry).load_from_state_dict(weights)
            except Exception as error:
                if isinstance(error, CielrError) or is_out_of_memory(error):
                    raise
                raise EditError(f"'{self.path}' cannot be loaded as a fill model: {first_line(error)}.") from error
            self._model = model.eval()
        return self._model


# ----------------------------------------------------------------------------------------------------------- helpers


def _weights(path: Path) -> dict[str, Any]:
    import torch

    if is_sparse(path):
        raise EditError(f"'{path}' is sparse: most of its bytes are holes, not weights; fetch it again.")
    if path.suffix.lower() == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    from ...core.pickled import MoreThanWeights, check_archive

    try:
        if is_torchscript(path):
            return torchscript_weights(path)
        check_archive(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except (MoreThanWeights, pickle.UnpicklingError) as error:
        raise EditError(f"'{path}' holds more than weights, and is not opened: {first_line(error)}.") from error


def _registry(path: Path, weights: dict[str, Any]) -> Any:
    """The architectures to look among; a copy, so that other users of spandrel see no change."""
    from spandrel import MAIN_REGISTRY, ArchRegistry

    registry = ArchRegistry()
    registry.add(*MAIN_REGISTRY)
    if any(key in weights for key in MAT_KEYS) and not any(arch.architecture.id == "MAT" for arch in registry):
        try:
            from spandrel_extra_arches import EXTRA_REGISTRY
        except ImportError as error:
            raise EditError(
                f"'{path.name}' is a MAT model, whose architecture the package 'spandrel_extra_arches' brings, under a "
                "licence that forbids commercial use; install that, or use LaMa."
            ) from error
        registry.add(*EXTRA_REGISTRY)
    return registry


def _check_fills(path: Path, registry: Any, weights: dict[str, Any]) -> None:
    """Of other networks none is built: their sizes stand in the file, and may be any."""
    named = next((arch.architecture for arch in registry if arch.detect(weights)), None)
    if named is not None and named.id not in FILLS:
        raise EditError(f"'{path}' is a {named.name} model, which fills nothing; use LaMa.")


def _size(height: int, width: int, side: int, needs: Any) -> Work:
    """At which size to fill: never enlarged, but to the only size that a network knows."""
    multiple = max(1, needs.multiple_of)
    fixed = multiple >= SIDES[-1]
    scale = multiple / max(height, width) if fixed else min(1.0, side / max(height, width))
    scaled = [max(1, round(height * scale)), max(1, round(width * scale))]
    padded = [-(-max(length, needs.minimum) // multiple) * multiple for length in scaled]
    if needs.square:
        padded = [max(padded)] * 2
    return Work(scaled[0], scaled[1], 0, 0, padded[0], padded[1])


@contextmanager
def _counted(progress: Progress, network: Any) -> Iterator[None]:
    """While it lasts, tells how many of a network's layers have run; the listener may cancel between any two."""
    layers = [layer for layer in network.modules() if not any(layer.children())]
    done = 0

    def count(*_: Any) -> None:
        nonlocal done
        done = min(done + 1, len(layers))
        progress.tell(done, len(layers))

    with before_each(layers, count):
        yield
    # not every layer need have had a part
    progress.tell(len(layers), len(layers))

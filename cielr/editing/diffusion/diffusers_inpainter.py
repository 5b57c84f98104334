"""Painting with a diffusion model through diffusers, from local files alone."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...core.arrays import as_dtype, as_floats, resized
from ...core.geometry import Box
from ...core.scene import OnStep
from ...core.torch_models import best_device, empty_cache, is_out_of_memory, quiet
from ...core.weight_files import small_json
from ...errors import CielrError, EditError
from ..torch_work import Progress, first_line, need
from .declared import check_pipeline
from .families import Family, Work, family_of, whole_cells, working_size
from .long_prompts import tokenizers_of, words_cut_off
from .schedulers import FLOW_SCHEDULERS, SCHEDULERS

Offload = Literal["none", "model", "sequential"]
OFFLOADS: tuple[Offload, ...] = ("none", "model", "sequential")

SMALLER = (1.0, 0.75, 0.5)
"""Shares of the native side that are tried when memory runs out; below half, models draw mush."""
MOST_SIDE = 2048
"""Pixels of the native side that a model may claim."""
UNET_INPUT = "model.diffusion_model.input_blocks.0.0.weight"
"""The first weight of a UNet in single files."""


class DiffusersInpainter:
    """An `Inpainter` that draws with a diffusers pipeline: ordinary checkpoints and inpainting ones alike.

    Inpainting checkpoints see the picture around the mask; ordinary ones draw image to image, and after each step what
    lies outside the mask is put back, at that step's noise level. Models are loaded at first use and stay until
    `release`. Nothing is ever downloaded and no code of a folder's own is run.

    Args:
        path: a folder that diffusers saved, or one `.safetensors` file (then `config` names the folder with the
            configuration and the tokenizers that belong to it).
        device: "cuda", "cuda:1", "mps", "cpu"; None takes the best there is.
        dtype: "float32", "float16" or "bfloat16"; None is float32 on a processor, else what the family likes.
        offload: True or "model" keeps only the part that works on the device, "sequential" only the layer that works.
        steps, guidance: None is the family's default.
        scheduler: a name from `schedulers.SCHEDULERS`; None keeps the model's own.
        size: the side to work at; None is the model's native one.

    Raises:
        EditError: where the path is missing, no pipeline, or of no supported family; where a setting is no good.
        MissingDependency: without diffusers, transformers or torch.

    Attributes:
        prepare: where somebody else manages the memory, called with all networks before each use, in the place of
            moving them; it leaves them on the device.
    """

    def __init__(
        self,
        path: str | Path,
        device: str | None = None,
        dtype: str | None = None,
        offload: bool | Offload = False,
        steps: int | None = None,
        guidance: float | None = None,
        scheduler: str | None = None,
        config: str | Path | None = None,
        size: int | None = None,
    ) -> None:
        self.path = Path(path)
        self.config = Path(config) if config is not None else None
        self.family = _family(self.path, self.config)
        need("torch", "transformers", "diffusers")
        if dtype not in (None, "float32", "float16", "bfloat16"):
            raise EditError(f"'{dtype}' is not a number format; use float32, float16 or bfloat16.")
        if steps is not None and steps < 1:
            raise EditError(f"{steps} steps draw nothing; use at least 1.")
        if size is not None and size < self.family.multiple:
            raise EditError(f"A working size of {size} pixels is too small; use at least {self.family.multiple}.")
        self.scheduler = _scheduler(self.family, scheduler) if scheduler else None
        self.device = device or best_device()
        self.dtype = dtype or ("float32" if self.device == "cpu" else self.family.dtype)
        self.offload: Offload = "model" if offload is True else offload or "none"
        self.steps = steps or self.family.steps
        self.guidance = self.family.guidance if guidance is None else float(guidance)
        self.size = size
        self.prepare: Callable[[list[Any]], None] | None = None
        self.remarks: list[str] = []
        """What the user should know of what was drawn last, a sentence each."""
        self._pipe: Any = None
        self._placed: Offload = self.offload

    def inpaint(
        self,
        image: np.ndarray,
        mask: np.ndarray,
        prompt: str,
        negative_prompt: str,
        strength: float,
        seed: int,
        on_step: OnStep | None = None,
    ) -> np.ndarray:
        """As `Inpainter.inpaint`; drawn at the model's native size and brought back to the image's.

        Where memory runs out it is tried again smaller, then with the weights off the device.

        Raises:
            EditError: where it does not fit at all, or the model fails.
        """
        self.remarks = []
        if not (mask > 0).any():
            return image.copy()
        progress = Progress(on_step)
        progress.tell(0, self._effective(strength))
        try:
            unloadable: Offload | None = None
            for offload, share in _ways(self._placed, "cpu" if self.prepare else self.device):
                if offload == unloadable:
                    continue
                try:
                    drawn = self._draw(image, mask, prompt, negative_prompt, strength, seed, progress, offload, share)
                    self.remarks = self._remarks_on(prompt)
                    return as_dtype(drawn, image.dtype)
                except Exception as error:
                    if error is progress.raised or not is_out_of_memory(error):
                        raise
                    unloadable = offload if self._pipe is None else None
                # out here, where the error and the tensors that its traceback holds are gone
                empty_cache()
        except BaseException as error:
            self._tidy()
            if error is progress.raised or isinstance(error, CielrError) or not isinstance(error, Exception):
                raise
            raise EditError(f"{self.family.name} from '{self.path.name}' failed: {first_line(error)}.") from error
        self.release()
        raise EditError(
            f"'{self.path.name}' needs more memory than {self.device} has free, even at half size; close what else "
            "uses it, or take a smaller model."
        )

    def release(self) -> None:
        """Gives the memory back; the next use loads the model again."""
        self._placed = self.offload
        if self._pipe is not None:
            self._pipe.remove_all_hooks()
            self._pipe = None
            empty_cache()

    def __repr__(self) -> str:
        return f"DiffusersInpainter({self.path.name!r}, {self.family.name}, {self.device}, {self.dtype})"

    # ------------------------------------------------------------------------------------------------------ drawing

    def _draw(self, image, mask, prompt, negative_prompt, strength, seed, progress, offload, share) -> np.ndarray:
        """float32 [H, W, 3]: the image with the mask painted, drawn at this share of the working side."""
        import torch

        pipe = self._loaded(offload)
        networks = [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]
        if self.prepare is not None:
            self.prepare(networks)
        side = max(self.family.multiple, round((self.size or _native_side(pipe, self.family)) * share))
        height, width = image.shape[:2]
        work = working_size(height, width, side, self.family.multiple, _thinness(mask))
        picture = work.pad(resized(as_floats(image), work.width, work.height))
        hole = whole_cells(work.pad(resized(mask.astype(np.float32), work.width, work.height)), pipe.vae_scale_factor)

        def stepped(pipe: Any, index: int, timestep: Any, tensors: dict) -> dict:
            progress.tell(index + 1, pipe.num_timesteps)
            return tensors

        settings = {
            "prompt": prompt,
            "image": torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None],
            "mask_image": torch.from_numpy(hole)[None, None],
            "height": work.padded_height,
            "width": work.padded_width,
            "strength": strength,
            "num_inference_steps": _asked(self.steps, strength),
            # drawn on the processor, so that a seed means the same on every device
            "generator": torch.Generator("cpu").manual_seed(seed % 2**63),
            "output_type": "np",
            "callback_on_step_end": stepped,
            self.family.guided_by: self.guidance,
        }
        if self.family.negative:
            # Qwen-Image turns guidance off without one
            settings["negative_prompt"] = negative_prompt or " "
        with _quiet(), progress.watching(networks):
            result = pipe(**settings)
        if any(getattr(result, "nsfw_content_detected", None) or ()):
            raise EditError(f"The safety checker of '{self.path.name}' blanked what it drew; word it differently.")
        return _fitted(result.images[0], work, (height, width), self)

    def _remarks_on(self, prompt: str) -> list[str]:
        cut = words_cut_off(tokenizers_of(self._pipe), prompt)
        return [f"The prompt is longer than {self.family.name} reads; left out: '{cut}'."] if cut else []

    def _effective(self, strength: float) -> int:
        """Steps that are really taken: image to image skips the first ones."""
        return max(1, int(_asked(self.steps, strength) * strength))

    # ------------------------------------------------------------------------------------------------------ loading

    def _loaded(self, offload: Offload) -> Any:
        if self._pipe is not None and offload != self._placed:
            self.release()
        if self._pipe is None:
            try:
                pipe = self._placed_on_device(self._load(), offload)
            except Exception as error:
                if isinstance(error, CielrError) or is_out_of_memory(error):
                    raise
                raise EditError(f"'{self.path}' cannot be loaded: {first_line(error)}.") from error
            # what did not fit once is not tried again until the memory is given back
            self._pipe, self._placed = pipe, offload
        return self._pipe

    def _load(self) -> Any:
        import diffusers
        import torch
        from packaging.version import Version

        opener: Any = diffusers.DiffusionPipeline  # pyright: ignore[reportPrivateImportUsage]
        painter = getattr(diffusers, self.family.pipelines[-1])
        # renamed in diffusers 0.42; the old name warns
        word = "dtype" if Version(diffusers.__version__) >= Version("0.42.0") else "torch_dtype"
        how: dict[str, Any] = {word: getattr(torch, self.dtype), "local_files_only": True}
        with _quiet():
            check_pipeline(self.config or self.path, self.path if self.path.is_file() else None)
            if self.path.is_dir():
                variant = _variant(self.path)
                pipe = opener.from_pretrained(self.path, variant=variant, **how)
            else:
                how["config"] = str(self.config)
                parts = self._unet_of_another_width(diffusers, how)
                pipe = painter.from_single_file(str(self.path), **parts, **how)
        pipe = _as_painter(pipe, painter)
        if self.scheduler:
            name, extra = self.scheduler
            pipe.scheduler = getattr(diffusers, name).from_config(pipe.scheduler.config, **extra)
        pipe.set_progress_bar_config(disable=True)
        return pipe

    def _unet_of_another_width(self, diffusers: Any, how: dict[str, Any]) -> dict[str, Any]:
        """The UNet of an inpainting file, where the configuration is that of the ordinary model of its family."""
        channels = _channels_in_file(self.path)
        place = Path(how["config"]) / "unet" / "config.json"
        if channels is None or not place.is_file() or channels == small_json(place)["in_channels"]:
            return {}
        kind = diffusers.UNet2DConditionModel
        return {"unet": kind.from_single_file(str(self.path), subfolder="unet", in_channels=channels, **how)}

    def _placed_on_device(self, pipe: Any, offload: Offload) -> Any:
        if self.prepare is not None:
            return pipe
        if offload == "none":
            return pipe.to(self.device)
        need("accelerate")
        if offload == "model":
            pipe.enable_model_cpu_offload(device=self.device)
        else:
            pipe.enable_sequential_cpu_offload(device=self.device)
        return pipe

    def _tidy(self) -> None:
        """After work was cut short: offloaded parts go back to where they rest."""
        if self._pipe is not None and self._placed == "model":
            self._pipe.maybe_free_model_hooks()
        empty_cache()


# ----------------------------------------------------------------------------------------------------------- helpers


def _family(path: Path, config: Path | None) -> Family:
    if path.is_dir():
        return family_of(path)
    if not path.exists():
        raise EditError(f"There is no file or folder '{path}'; give a diffusers folder or a .safetensors file.")
    if path.suffix.lower() != ".safetensors":
        raise EditError(f"'{path}' is not a .safetensors file; other formats may hold code and are not opened.")
    if config is None:
        raise EditError(f"'{path.name}' holds weights alone: name the folder with its configuration as config.")
    return family_of(config)


def _scheduler(family: Family, name: str) -> tuple[str, dict]:
    known = FLOW_SCHEDULERS if family.flow else SCHEDULERS
    if name not in known:
        raise EditError(f"{family.name} has no scheduler '{name}'; it has {', '.join(sorted(known))}.")
    kind, extra = known[name]
    return kind, dict(extra)


def _ways(offload: Offload, device: str) -> list[tuple[Offload, float]]:
    """(offload, share of the native side) to try, best first; a processor has nowhere to offload to."""
    further = OFFLOADS[OFFLOADS.index(offload) + 1 :] if device != "cpu" else ()
    return [*product((offload,), SMALLER), *product(further, (SMALLER[0], SMALLER[-1]))]


def _thinness(mask: np.ndarray) -> int:
    """Pixels: the shorter side of the box around what is painted."""
    box = Box.around(mask > 0)
    return min(box.width, box.height)


def _asked(steps: int, strength: float) -> int:
    """Steps to ask for so that at least one is left when the strength has taken its share."""
    asked = max(steps, math.ceil(1 / strength))
    return asked if int(asked * strength) >= 1 else asked + 1


def _native_side(pipe: Any, family: Family) -> int:
    """Pixels: what the model itself says, else the family's."""
    network = getattr(pipe, "unet", None) or pipe.transformer
    sample = network.config.get("sample_size")
    sample = min(sample) if isinstance(sample, list | tuple) else sample
    side = sample * pipe.vae_scale_factor if sample else family.side
    if not 0 < side <= MOST_SIDE:
        raise EditError(f"The model says that it paints {side:,} pixels a side; real ones paint {MOST_SIDE} at most.")
    return side


def _as_painter(pipe: Any, painter: type) -> Any:
    """The pipeline as the class that inpaints, with the same components."""
    names = inspect.signature(painter.__init__).parameters
    parts = {name: part for name, part in {**pipe.config, **pipe.components}.items() if name in names}
    if "add_watermarker" in names:
        # pixels that nobody asked for
        parts["add_watermarker"] = False
    return painter(**parts)


def _fitted(drawn: np.ndarray, work: Work, size: tuple[int, int], inpainter: DiffusersInpainter) -> np.ndarray:
    """float32 [*size, 3]: the drawn picture without padding, at the crop's size."""
    drawn = np.asarray(drawn, dtype=np.float32)
    if not np.isfinite(drawn).all():
        raise EditError(f"{inpainter!r} drew numbers that are none; use bfloat16 or float32 instead.")
    drawn = resized(drawn, work.padded_width, work.padded_height)
    return resized(np.ascontiguousarray(drawn[work.inside]), size[1], size[0])


def _channels_in_file(path: Path) -> int | None:
    """Input channels of the UNet in a single file (4, or 9 for inpainting), from its header; None without a UNet."""
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        if UNET_INPUT not in file.keys():  # noqa: SIM118 - it is no dict
            return None
        return file.get_slice(UNET_INPUT).get_shape()[1]


def _variant(folder: Path) -> str | None:
    """ "fp16" where a folder has weights of that variant alone, as many on the hub do."""
    files = [file.name for file in folder.glob("*/*.safetensors")]
    return "fp16" if files and all(".fp16" in name for name in files) else None


def _quiet() -> AbstractContextManager[None]:
    """No bars and no advice on the terminal: what matters is raised."""
    from diffusers.utils import logging as diffusers
    from transformers.utils import logging as transformers

    return quiet(diffusers, transformers)

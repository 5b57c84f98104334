"""A network and where it runs: device, number format, room, and what happens where there is too little of it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from ...core.arrays import as_dtype
from ...core.scene import OnStep
from ...core.torch_models import before_each, best_device, empty_cache, is_out_of_memory
from ...errors import CielrError, MissingDependency
from .encode_cache import SHARED, EncodeCache, content_key, new_owner

T = TypeVar("T")
log = logging.getLogger(__name__)

DTYPES = ("float32", "float16", "bfloat16")


class ModelError(CielrError):
    """A model that cannot be loaded or run."""


class Network:
    """A torch module that runs where there is room.

    Args:
        module: in evaluation mode.
        device: "cpu", "cuda", "cuda:1", "mps", …; None takes the best that is there.
        dtype: "float32", "float16" or "bfloat16"; None is half precision on a GPU and single on a CPU.
        offload: goes back to main memory after each use.
        name: for messages.
        cache: for what its image side computes; None is the shared one.

    Attributes:
        prepare: called before each use instead of moving the module, where somebody else manages the memory.
        watch: called at each block of the module, whoever runs it; what it raises ends the work.
        leave: called before the module goes to the CPU for want of memory, so that they let go of it.
    """

    def __init__(
        self,
        module: Any,
        device: str | None = None,
        dtype: str | None = None,
        offload: bool = False,
        name: str = "model",
        cache: EncodeCache | None = None,
    ) -> None:
        torch = import_torch()
        self.module = module.eval().requires_grad_(False)
        self.device = torch.device(device or best_device())
        self.module.to(getattr(torch, dtype_for(self.device.type, dtype)))
        self.offload = offload
        self.name = name
        self.cache = cache or SHARED
        self.owner = new_owner()
        self.prepare: Callable[[], None] | None = None
        self.leave: Callable[[], None] | None = None
        self.watch: Callable[[], None] | None = None
        self.encodings = 0
        """How often an image side was computed."""
        self._remarks: list[str] = []
        if not offload:
            self._settle()

    def __del__(self) -> None:
        cache = getattr(self, "cache", None)
        if cache is not None:
            cache.forget(self.owner)

    @property
    def dtype(self) -> Any:
        """The torch dtype of the weights."""
        return next(p.dtype for p in self.module.parameters() if p.is_floating_point())

    @property
    def place(self) -> Any:
        """The torch device on which the weights are now."""
        return next(self.module.parameters()).device

    def take_remarks(self) -> list[str]:
        """What there was to say since the last call."""
        taken, self._remarks = self._remarks, []
        return taken

    def run(self, work: Callable[[], T], on_step: OnStep | None = None) -> T:
        """The result of some work with the module, which is on its device by then; again on the CPU for want of memory.

        Raises:
            ModelError: where main memory does not suffice either; and what `on_step` raises.
        """
        torch = import_torch()
        try:
            with torch.inference_mode(), counted(self.module, self._watched(on_step)):
                try:
                    self._ready()
                    return work()
                except Exception as error:
                    if not is_out_of_memory(error) or self.device.type == "cpu":
                        raise
                # outside the handler: its traceback would hold the tensors that filled the memory
                self._to_cpu()
                return work()
        except Exception as error:
            if is_out_of_memory(error):
                raise ModelError(
                    f"{self.name} does not fit into memory; choose a smaller model or a smaller photo."
                ) from error
            raise
        finally:
            if self.offload:
                self.module.to("cpu")
                empty_cache()

    def encoded(self, image: np.ndarray, make: Callable[[], Any], key: Hashable = "image") -> Any:
        """What the image side makes of an image uint8 [H, W, 3], from the cache where it was made before.

        `make` runs inside `run`; its tensors are kept in main memory and come back on the module's device.
        """

        def computed() -> Any:
            self.encodings += 1
            return moved(make(), "cpu")

        where = (key, content_key(image), self.place.type, str(self.dtype))
        return moved(self.cache.get(self.owner, where, computed), self.place)

    def remembered(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The same for what depends on no image, such as the embedding of some labels."""
        where = (key, self.place.type, str(self.dtype))
        return moved(self.cache.get(self.owner, where, lambda: moved(make(), "cpu")), self.place)

    def _watched(self, on_step: OnStep | None) -> OnStep | None:
        watch = self.watch
        if watch is None:
            return on_step

        def step(done: int, total: int) -> None:
            watch()
            if on_step is not None:
                on_step(done, total)

        return step

    def _ready(self) -> None:
        if self.prepare is not None:
            self.prepare()
        elif self.place != self.device:
            self.module.to(self.device)

    def _settle(self) -> None:
        try:
            self.module.to(self.device)
        except Exception as error:
            if not is_out_of_memory(error) or self.device.type == "cpu":
                raise
            self._to_cpu()

    def _to_cpu(self) -> None:
        torch = import_torch()
        where, self.device = self.device, torch.device("cpu")
        if self.leave is not None:
            self.leave()
        self.prepare = self.leave = None
        # half precision is slow on a CPU, and some operations have none there
        self.module.to("cpu", torch.float32)
        empty_cache()
        remark = f"{self.name} did not fit into the memory of {where}; it runs on the CPU, which is slower."
        self._remarks.append(remark)
        log.warning(remark)


class Networked:
    """What every model on torch has: its network, its name, and what there was to say of it."""

    def __init__(self, module: Any, name: str, **placement: Any) -> None:
        self.network = Network(module, name=name, **placement)
        self.name = name

    def take_remarks(self) -> list[str]:
        """As the network's."""
        return self.network.take_remarks()


# ----------------------------------------------------------------------------------------------------------- helpers


def import_torch() -> Any:
    """torch.

    Raises:
        MissingDependency: where it is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingDependency("torch", "models") from error
    return torch


def import_transformers() -> Any:
    """transformers.

    Raises:
        MissingDependency: where it is not installed.
    """
    import_torch()
    try:
        import transformers
    except ImportError as error:
        raise MissingDependency("transformers", "models") from error
    return transformers


def dtype_for(device: str, dtype: str | None) -> str:
    """The name of a torch dtype: what was asked for, or half precision on a GPU and single on a CPU.

    Raises:
        ValueError: for any other name than those of DTYPES.
    """
    if dtype is None:
        return "float32" if device == "cpu" else "float16"
    if dtype not in DTYPES:
        raise ValueError(f"'{dtype}' is not a number format for weights; there are {', '.join(DTYPES)}.")
    return dtype


def moved(value: Any, device: Any) -> Any:
    """The same nest of tuples, lists and dicts with its tensors on a device; the containers are new ones."""
    if isinstance(value, dict):
        return {key: moved(part, device) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(moved(part, device) for part in value)
    return value.to(device) if hasattr(value, "to") else value


def as_bytes(image: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 3], contiguous: what processors take; a picture as floats has the same embedding as its bytes."""
    return np.ascontiguousarray(as_dtype(image, np.dtype(np.uint8))[..., :3])


def processed(image_processor: Any, pixels: np.ndarray) -> Any:
    """What a transformers image processor makes of a picture uint8 [H, W, 3].

    Told where the channels are: left to guess, it takes the rows of a picture of one or three rows for them.
    """
    return image_processor(images=pixels, return_tensors="pt", input_data_format="channels_last")


def widened(pixels: np.ndarray, share: float) -> np.ndarray:
    """The picture uint8 [H, W, 3], stretched where its shorter side is less than that share of the longer.

    For processors that keep proportions: they round what is left of the shorter side to nothing.
    """
    from PIL import Image

    height, width = pixels.shape[:2]
    least = math.ceil(max(width, height) * share)
    if min(width, height) >= least:
        return pixels
    return np.array(Image.fromarray(pixels).resize((max(width, least), max(height, least))))


@contextmanager
def counted(module: Any, on_step: OnStep | None) -> Iterator[None]:
    """Tells about progress at each block of a network while it runs; what `on_step` raises ends the run."""
    if on_step is None:
        yield
        return
    torch = import_torch()
    lists = [part for part in module.modules() if isinstance(part, torch.nn.ModuleList)]
    blocks = list({id(block): block for part in lists for block in part}.values())
    done = 0

    def step(*_: Any) -> None:
        nonlocal done
        on_step(min(done, len(blocks)), len(blocks))
        done += 1

    with before_each(blocks, step):
        on_step(0, max(1, len(blocks)))
        yield

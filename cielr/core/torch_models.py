"""What all that runs networks on torch needs: a device, what to do when its memory is full, and quiet libraries."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


def best_device() -> str:
    """ "cuda", "mps" or "cpu"."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the machine, had no memory left."""
    import torch

    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    # MPS and the processor's allocator raise RuntimeErrors, told apart by their words alone
    words = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in words or "allocate memory" in words)


def empty_cache() -> None:
    """Gives memory that nothing holds any more back to the device."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()


@contextmanager
def before_each(modules: Iterable[Any], call: Callable[..., None]) -> Iterator[None]:
    """While it lasts, `call` is made before each of these modules runs; what it raises ends the run."""
    hooks = [module.register_forward_pre_hook(call) for module in modules]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def quiet(*logs: Any) -> Iterator[None]:
    """While it lasts, these `logging` modules of transformers or diffusers show no bars and no advice: what matters is
    raised."""
    before = [(log, log.get_verbosity(), log.is_progress_bar_enabled()) for log in logs]
    for log, _, _ in before:
        log.set_verbosity_error()
        log.disable_progress_bar()
    try:
        yield
    finally:
        for log, verbosity, bars in before:
            log.set_verbosity(verbosity)
            if bars:
                log.enable_progress_bar()

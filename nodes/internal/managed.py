"""Networks that are none of ComfyUI's own, in its ModelPatchers: it makes room for them, and can push them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

DTYPES = ["automatic", "float32", "float16", "bfloat16"]


class Kept:
    """Models in main memory by their settings, so many at most: the same one is not read from disk twice, nor held
    twice. The one that came first goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._models: dict[tuple[Any, ...], Any] = {}

    def get(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        if key not in self._models:
            while len(self._models) >= self._most:
                self._models.pop(next(iter(self._models)))
            self._models[key] = make()
        return self._models[key]


def loader(device: Any):
    """A function that brings networks onto a device through ComfyUI's memory management, before each use.

    Each network is patched once and for as long as it lives.
    """
    import comfy.model_management as management
    import comfy.model_patcher
    import torch

    class Plain(torch.nn.Module):
        """ModelPatcher sets `device` on what it holds, which transformers' networks do not allow."""

        def __init__(self, network: torch.nn.Module) -> None:
            super().__init__()
            self.network = network

    held: WeakKeyDictionary[torch.nn.Module, Any] = WeakKeyDictionary()

    def load(networks: list[torch.nn.Module]) -> None:
        for network in networks:
            if network not in held:
                held[network] = comfy.model_patcher.ModelPatcher(
                    Plain(network), load_device=device, offload_device=management.unet_offload_device()
                )
        # in part ComfyUI loads its own layers alone: of others it would leave some weights behind
        management.load_models_gpu([held[network] for network in networks], force_full_load=True)

    return load

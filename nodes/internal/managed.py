"""Networks that are none of ComfyUI's own, in its ModelPatchers: it makes room for them, and can push them out."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary


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

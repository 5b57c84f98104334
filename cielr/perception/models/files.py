"""Weights that torch saved, as strangers made them, read within bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...core.weight_files import is_sparse


def state_of(file: Path) -> dict[str, Any]:
    """The tensors of a `.pth` that torch saved as an archive, in main memory, under their names.

    Its index is walked before torch follows it: `weights_only` keeps it from running code, not from asking for
    gigabytes in a few hundred bytes.

    Raises:
        ValueError: where it holds anything but tensors, or claims more than it holds.
    """
    from .devices import import_torch

    torch = import_torch()
    from ...core.pickled import check_archive

    check_archive(file)
    if is_sparse(file):
        raise ValueError("it has holes, as torch saves no weights")
    state = torch.load(file, map_location="cpu", weights_only=True)
    if isinstance(state, dict) and isinstance(state.get("model"), dict):
        state = state["model"]
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise ValueError("it holds other things than tensors")
    for name, value in state.items():
        if value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise ValueError(f"its tensor '{str(name)[:80]}' claims more than it holds")
    return state

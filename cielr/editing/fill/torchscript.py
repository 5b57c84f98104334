"""Weights out of a TorchScript file without loading the program in it.

Well-known fill models are shared as TorchScript (`big-lama.pt`). Such a file is a zip with a pickle of nested modules
and one raw file a tensor; `torch.jit.load` would also compile the code beside them. Here the pickle may name tensors,
containers and opaque modules, and nothing else.
"""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

STORAGES = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}


class _Module:
    """Stands for any module of the program: what it holds, without what it does."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.holds = state


def is_torchscript(path: Path) -> bool:
    """Whether a file is a TorchScript archive."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def torchscript_weights(path: Path) -> dict[str, Any]:
    """The state dict of a TorchScript archive: name -> tensor, on the processor.

    Raises:
        pickle.UnpicklingError: where the archive names anything but tensors and modules.
        KeyError, ValueError, RuntimeError: where it is cut off or contradicts itself.
    """
    with zipfile.ZipFile(path) as archive:
        place = next(name for name in archive.namelist() if name.endswith("/data.pkl") and name.count("/") == 1)
        with archive.open(_stored(archive, place)) as file:
            return dict(_flat("", _Reader(file, archive, place.removesuffix(".pkl")).load()))


class _Reader(pickle.Unpickler):
    def __init__(self, file: Any, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(file)
        self.archive, self.folder = archive, folder

    def find_class(self, module: str, name: str) -> Any:
        if module == "__torch__" or module.startswith("__torch__."):
            return _Module
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        if module == "torch.jit._pickle" and name.startswith("build_") and name.endswith("list"):
            return list
        raise pickle.UnpicklingError(f"it names {module}.{name}, which is not a tensor")

    def persistent_load(self, pid: Any) -> Any:
        """A flat tensor: the raw file that a storage's description names."""
        import torch

        _, kind, key, _, count = pid
        dtype = getattr(torch, kind)
        raw = bytearray(self.archive.read(_stored(self.archive, f"{self.folder}/{key}")))
        return torch.frombuffer(raw, dtype=dtype, count=count) if count else torch.empty(0, dtype=dtype)


def _stored(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The entry of that name; torch packs the program beside the weights, never those."""
    entry = archive.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"its weights '{name[-80:]}' are packed, as torch saves none")
    return entry


def _tensor(storage: Any, offset: int, size: Any, stride: Any, *_: Any) -> Any:
    tensor = storage.as_strided(tuple(size), tuple(stride), offset)
    if tensor.numel() > storage.numel():
        raise ValueError("a tensor claims more than its file holds")
    return tensor


def _flat(prefix: str, module: _Module):
    import torch

    for name, value in module.holds.items():
        if isinstance(value, torch.Tensor):
            yield prefix + name, value
        elif isinstance(value, _Module):
            yield from _flat(f"{prefix}{name}.", value)

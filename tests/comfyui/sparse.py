"""Tiny `.ckpt` files as `.safetensors` of the real size that take no room: what is zero stays a hole in the file."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import torch

NAMES = {torch.float16: "F16", torch.float32: "F32", torch.bfloat16: "BF16", torch.int64: "I64", torch.uint8: "U8"}


def as_safetensors(source: Path, target: Path) -> None:
    """Writes what a checkpoint holds in the safetensors format; matrices of zeros are skipped, not written."""
    weights = torch.load(source, map_location="cpu", weights_only=True)
    weights = weights.get("state_dict", weights)
    header, at = {}, 0
    for name, tensor in weights.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        begin = file.tell()
        file.truncate(begin + at)
        for name, tensor in weights.items():
            constant = not any(tensor.stride())
            if constant and tensor.numel() and float(tensor.flatten()[0]) == 0:
                continue
            file.seek(begin + header[name]["data_offsets"][0])
            file.write(tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes())

"""What a model's configuration declares, held against the weights that lie beside it, before room is made for it.

A config.json of a few hundred bytes can declare any number of layers, of any width, and the libraries build what it
declares before they look at the weights. So its numbers are bounded first, and then the network is built on torch's
"meta" device, where tensors have shapes and no memory, and no further than the weights on the disk could fill.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from .weight_files import is_sparse, small_json

MOST_PARTS = 16_384
"""Of whatever a network is counted in (layers, blocks, heads, steps): libraries make lists of that length."""
MOST_NUMBER = 1 << 24
"""Any other whole number of a configuration; real ones end with vocabularies and lengths of texts, a million."""
MOST_SIDE = 2048
"""Pixels a side that a preprocessor may scale photos to; real ones end at 1333."""
MOST_TOKENS = 16_384
"""Patches that a photo may be cut into where each looks at every other; real ones end near 5,200."""
WINDOWED = ("swin", "hiera", "pvt", "conv")
"""What names of networks hold whose patches look at their neighbours alone, so that they may be small."""
COUNTED = ("layer", "depth", "block", "stage", "level", "num_", "head", "step")
"""What names of numbers hold that count parts; widths are among them ("block_out_channels"), far below the bound."""
SCALED_TO = ("size", "edge", "height", "width", "side")
"""What names of a preprocessor's numbers hold that are pixels."""
PREPROCESSORS = ("preprocessor_config.json", "processor_config.json", "image_processor_config.json")
WEIGHTS = ("*.safetensors", "*.bin")

PER_PART = 64
"""Numbers that a module or tensor counts for beside its own: the objects around them take room too."""
SLACK = 1_000_000
"""Numbers that any network may have beyond its files: what is computed at building, and what small ones add up to."""
PER_BYTE = 2
"""Numbers for each byte on the disk: four bits each, or what is shared and so saved once."""


class Oversized(ValueError):
    """A configuration declares more than its weights, or more than any model has; a sentence without its end."""


def check_folder(folder: Path) -> None:
    """Holds the numbers of every configuration in a folder, and one level below, against what models have.

    Raises:
        Oversized: where one is beyond; ValueError, OSError: where a configuration cannot be read.
    """
    for file in sorted(
        {*folder.glob("*config.json"), *folder.glob("*/*config.json"), *folder.glob("model_index.json")}
    ):
        if "tokenizer" not in file.name:
            # that of a pipeline's language model never sees a photo here
            pixels = file.name in PREPROCESSORS and file.parent.name != "processor"
            _check_numbers(small_json(file), file, pixels)
    _check_patches(folder)


def _check_patches(folder: Path) -> None:
    """Into how many patches a photo would be cut: a network of a few numbers can ask for any number of them."""
    config = folder / "config.json"
    if not config.is_file():
        return
    declared = small_json(config)
    patches = [number for number in _patch_sizes(declared) if number > 0]
    sides = [number for name, number in _numbers(declared) if name == "image_size"]
    for name in PREPROCESSORS:
        if (file := folder / name).is_file():
            sides += [number for key, number in _numbers(small_json(file)) if any(word in key for word in SCALED_TO)]
    if patches and sides and (max(sides) / min(patches)) ** 2 > MOST_TOKENS:
        raise Oversized(
            f"{config} cuts a photo of {max(sides):g} pixels a side into patches of {min(patches):g}, more than "
            "any model has"
        )


def _patch_sizes(declared: Any) -> Iterator[float]:
    """The patch sizes of a configuration and its parts, but of those with windows."""
    for _, part in _parts(declared):
        if isinstance(part, dict) and not any(word in str(part.get("model_type", "")).lower() for word in WINDOWED):
            yield from (number for _, number in _numbers(part.get("patch_size")))


def _parts(declared: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """A configuration and all that is in it, outer parts first, each with where it stands: "size.height"."""
    yield name, declared
    if isinstance(declared, dict):
        for key, value in declared.items():
            yield from _parts(value, f"{name}.{key}" if name else str(key))
    elif isinstance(declared, list):
        for value in declared:
            yield from _parts(value, name)


def _numbers(declared: Any) -> Iterator[tuple[str, float]]:
    """Every number with the last name that it stands under: {"size": {"height": 960}} is a size by either name."""
    for name, part in _parts(declared):
        if isinstance(part, int | float) and not isinstance(part, bool):
            yield name.rpartition(".")[2], part


def _check_numbers(declared: Any, file: Path, pixels: bool) -> None:
    for name, part in _parts(declared):
        if isinstance(part, dict) and part.get("use_pretrained_backbone"):
            raise Oversized(f"{file} asks for weights of another model from the net, which is never done")
        if isinstance(part, list) and len(part) > MOST_PARTS and "label" not in name:
            raise Oversized(f"{file} has a list '{name[:80]}' of {len(part):,} entries, which no model has")
        if isinstance(part, int | float) and not isinstance(part, bool):
            most = _most(name.lower(), pixels)
            whole = isinstance(part, int) or most != MOST_NUMBER
            if whole and abs(part) > most:
                raise Oversized(f"{file} has {str(part)[:20]} as '{name[:80]}', which no model has")


def _most(name: str, pixels: bool) -> int:
    if pixels:
        return MOST_SIDE if any(word in name for word in SCALED_TO) else MOST_NUMBER
    return MOST_PARTS if any(word in name.rpartition(".")[2] for word in COUNTED) else MOST_NUMBER


def numbers_on_disk(files: list[Path]) -> int:
    """How many numbers the weights in these files can be at most.

    Raises:
        Oversized: where a file is mostly holes: what it seems to hold was never written.
    """
    for file in files:
        if is_sparse(file):
            raise Oversized(f"{file} is sparse: most of its bytes are holes, not weights")
    return PER_BYTE * sum(file.stat().st_size for file in files)


def weight_files(folder: Path) -> list[Path]:
    """The files of weights in a folder, without those below."""
    return sorted({file for pattern in WEIGHTS for file in folder.glob(pattern)})


def check_network(build: Callable[[], object], files: list[Path], folder: Path) -> None:
    """Builds a network without memory, no further than the weights in these files could fill it.

    Args:
        build: makes the network, as its library does from the configuration; folder: what the sentence names.

    Raises:
        Oversized: where it is larger; whatever `build` raises.
    """
    import torch

    most = numbers_on_disk(files) + SLACK
    with ExitStack() as stack:
        stack.enter_context(torch.device("meta"))
        stack.enter_context(built_within(most, folder))
        build()


@contextmanager
def built_within(most: int, folder: Path) -> Iterator[None]:
    """While it lasts, a network that this thread builds may register this many numbers; then the building ends."""
    from torch.nn.modules import module as hooks

    thread, left = threading.get_ident(), most

    def count(_: Any, name: str, registered: Any) -> None:
        nonlocal left
        if registered is None or threading.get_ident() != thread:
            return
        left -= PER_PART + (registered.numel() if hasattr(registered, "numel") else 0)
        if left < 0:
            raise Oversized(
                f"the configuration in {folder} declares a far larger network than the weights beside it fill; they do "
                "not belong together"
            )

    with ExitStack() as stack:
        for register in (
            hooks.register_module_parameter_registration_hook,
            hooks.register_module_buffer_registration_hook,
            hooks.register_module_module_registration_hook,
        ):
            stack.callback(register(count).remove)
        yield

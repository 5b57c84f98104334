"""Which model lies in a folder or a file, from its config.json or its name alone: lists of many folders stay quick."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from zipfile import is_zipfile

from ...core.weight_files import small_json
from ...weights.folders import MOST_ENTRIES

KINDS: dict[str, tuple[str, str]] = {
    "owlv2": ("detector", "Owlv2ForObjectDetection"),
    "grounding-dino": ("detector", "GroundingDinoForObjectDetection"),
    "sam": ("segmenter", "SamModel"),
    "sam2": ("segmenter", "Sam2Model"),
    "sam2_video": ("segmenter", "Sam2Model"),
    "sam3_tracker": ("segmenter", "Sam3TrackerModel"),
    "sam3_video": ("segmenter", "Sam3TrackerModel"),
    "depth_anything": ("depth", "DepthAnythingForDepthEstimation"),
}
"""`model_type` of a config.json -> what it is to us, and transformers' class."""
ROLES = ("detector", "segmenter", "depth")

FOLDER_TYPES = {
    "owlv2": "owlv2",
    "grounding-dino": "grounding-dino",
    "sams": "sam",
    "sam2": "sam2",
    "sam3": "sam3_tracker",
    "depthanything": "depth_anything",
}
"""Folders below ComfyUI's `models` -> the type of the models that the catalogue puts there."""

_HOMES = {"grounding-dino": "grounding_dino", "sam2_video": "sam2", "sam3_video": "sam3_tracker"}
"""Sub-packages of `transformers.models` that are not called as the model's type is."""


def kind_of(path: str | Path) -> str | None:
    """ "detector", "segmenter" or "depth": what a folder or file of weights is to us; None where it is nothing."""
    path = Path(path)
    if path.is_file():
        return "segmenter" if path.suffix == ".pth" and path.name.startswith("sam_vit_") else None
    try:
        return KINDS.get(model_type(path), (None, ""))[0]
    except ValueError:
        return None


def here_and_below(path: Path) -> Iterator[tuple[str, Path]]:
    """(name, path) of what may be a model: the path itself, and where it is none, what lies in it ("mine/owlv2")."""
    yield path.name, path
    if path.is_dir() and kind_of(path) is None:
        try:
            below = sorted(islice(path.iterdir(), MOST_ENTRIES))
        except OSError:
            return
        yield from ((f"{path.name}/{inner.name}", inner) for inner in below)


def loadable(path: str | Path) -> bool:
    """Whether the installed packages and the files themselves, as far as their headers tell, let a model be loaded."""
    path = Path(path)
    kind = kind_of(path)
    if kind is None:
        return False
    if path.is_file():
        return find_spec("segment_anything") is not None and not _is_cut(path)
    from ...weights.catalogue import damages

    try:
        has = {file.name for file in islice(path.iterdir(), MOST_ENTRIES)}
    except OSError:
        return False
    processor = has & {"preprocessor_config.json", "processor_config.json"}
    tokenizer = kind != "detector" or has & {"tokenizer.json", "vocab.json", "vocab.txt"}
    return bool(processor and tokenizer) and known_here(model_type(path)) and not damages(path)


def _is_cut(file: Path) -> bool:
    """Whether a file that torch saved as an archive lacks its end, where the archive's contents stand."""
    try:
        with file.open("rb") as source:
            return source.read(2) == b"PK" and not is_zipfile(file)
    except OSError:
        return True


@lru_cache
def known_here(kind: str) -> bool:
    """Whether the installed transformers has a type of model; found out without importing it."""
    spec = find_spec("transformers")
    if spec is None or spec.origin is None:
        return False
    return (Path(spec.origin).parent / "models" / _HOMES.get(kind, kind)).is_dir()


def suits_half(path: str | Path) -> bool:
    """Whether a model keeps its wits in half precision; GroundingDINO's positions and proposals do not."""
    path = Path(path)
    return path.is_file() or model_type(path) != "grounding-dino"


def model_type(folder: Path) -> str:
    """What config.json says that the model is.

    Raises:
        ValueError: where it does not say.
    """
    try:
        return str(small_json(folder / "config.json")["model_type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder / 'config.json'} does not say which model this is.") from error

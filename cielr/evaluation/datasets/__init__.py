"""Benchmarks, each read into the same cases; one file a benchmark.

In: the folder or file that a benchmark was downloaded as. Out: `Case`s. Open `case.py` first.

dataset = read_dataset("Reason-Edit")          # the folder tells which benchmark it is
dataset = read_dataset("photos", "manifest")   # or its name does
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ...errors import CielrError
from .case import Case, Dataset, DatasetError


@dataclass(frozen=True)
class Reader:
    """Attributes: module: of this package, with a function `read(root)`; signs: files or folders of which one tells
    that a folder is of this benchmark, with wildcards."""

    module: str
    signs: tuple[str, ...]


READERS = {
    "reason-edit": Reader("reason_edit", ("6-Reasoning", "1-Left-Right", "2-Relative-Size")),
    "magicbrush": Reader("magicbrush", ("edit_sessions.json", "dev/edit_sessions.json", "test/edit_sessions.json")),
    "ciebench": Reader("ciebench", ("ciebench.jsonl", "ciebench.csv")),
    "risebench": Reader(
        "risebench", ("data_total.json", "data/data_total.json", "overall_data.json", "data/overall_data.json")
    ),
    "kris-bench": Reader("kris", ("KRIS_Bench/*/annotation.json", "*/annotation.json")),
    "imgedit": Reader("imgedit", ("Benchmark/Basic/basic_edit.json", "Basic/basic_edit.json", "basic_edit.json")),
    "complexbench-edit": Reader(
        "complexbench", ("data/instructions/*/final_update_v2.json", "*/final_update_v2.json", "final_update_v2.json")
    ),
    "refcoco": Reader("refcoco", ("refs(*).p", "refs(*).json")),
    "coco": Reader("coco", ("annotations/instances_*.json", "annotations/panoptic_*.json", "instance_segmentation")),
    "vocedits": Reader("vocedits", ("sample_*/prompt_*.txt", "sample_0")),
    "scenes": Reader("manifest", ("dataset.json",)),
    "manifest": Reader("manifest", ("manifest.jsonl", "manifest.csv")),
}
"""By the name that --format takes; a folder is of the first benchmark of which it shows a sign."""


def read_dataset(root: str | Path, name: str | None = None) -> Dataset:
    """The benchmark in a folder, or in a manifest's file.

    Args:
        name: of READERS; None finds out by what lies there.

    Raises:
        DatasetError: where it has faults, naming every one; CielrError: where it is of no known benchmark.
    """
    root = Path(root)
    if not root.exists():
        raise CielrError(f"{root} does not exist; `cielr bench make-scenes -o {root}` would render scenes there.")
    if name is None:
        name = "manifest" if root.is_file() else _recognised(root)
    if name not in READERS:
        raise CielrError(f"There is no benchmark '{name}'; there are {', '.join(READERS)}.")
    read: Callable[[Path], Dataset] = import_module(f".{READERS[name].module}", __name__).read
    try:
        return read(root)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        why = f"A value in its files is none that {name} has there ({type(error).__name__}: {error})."
        raise DatasetError(name, root, [why]) from error


def _recognised(root: Path) -> str:
    for name, reader in READERS.items():
        if any(any(root.glob(sign)) for sign in reader.signs):
            return name
    raise CielrError(
        f"{root} is not a known benchmark; name one with --format ({', '.join(READERS)}), or put a manifest.jsonl "
        "there, one case a line with image and instruction."
    )


__all__ = ["READERS", "Case", "Dataset", "DatasetError", "read_dataset"]

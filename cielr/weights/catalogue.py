"""The catalogue of weights: what there is, where it lies on this machine, and whether it is whole.

Nothing is downloaded unasked: `fetch.py` does it. A folder gets its name when every file in it is whole and its
checksum right; until then it is called NAME.part, so a half download never looks complete.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..core.gguf import gguf_problem
from ..core.weight_files import small_json, tensors_problem
from ..errors import CielrError
from .folders import model_folders, roots, subfolders

OnStep = Callable[[int, int], None]
Kind = Literal["detector", "segmenter", "depth", "llm"]
MANIFEST = "cielr-weights.json"
CHUNK = 1 << 20


class WeightsError(CielrError):
    """Weights that are not there, not whole, or cannot be fetched."""


@dataclass(frozen=True)
class Weights:
    """One model of the catalogue, a folder in transformers' own format, or for language models with a GGUF file.

    Attributes:
        name: for the command line and the nodes.
        repository, revision: on the Hugging Face hub.
        files: which of the repository's files are taken (patterns of `fnmatch`, at its top).
        megabytes: about what they take.
        licence: of the weights, as the hub's page has it.
        gated: the hub gives it to those alone who accepted its terms there.
        folder: below ComfyUI's `models`.
    """

    name: str
    kind: Kind
    repository: str
    megabytes: int
    licence: str
    folder: str
    revision: str = "main"
    files: tuple[str, ...] = ("*.json", "*.txt", "*.safetensors")
    gated: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Patterns of files without which it is no model."""
        return self.files if self.kind == "llm" else ("config.json", "*.safetensors")


_APACHE, _NON_COMMERCIAL = "apache-2.0", "cc-by-nc-4.0"
_DINO, _DEPTH = "IDEA-Research/grounding-dino", "depth-anything/Depth-Anything-V2"
CATALOGUE = (
    Weights("owlv2-base", "detector", "google/owlv2-base-patch16-ensemble", 620, _APACHE, "owlv2"),
    Weights("owlv2-large", "detector", "google/owlv2-large-patch14-ensemble", 1750, _APACHE, "owlv2"),
    Weights("grounding-dino-tiny", "detector", f"{_DINO}-tiny", 690, _APACHE, "grounding-dino"),
    Weights("grounding-dino-base", "detector", f"{_DINO}-base", 930, _APACHE, "grounding-dino"),
    Weights("sam-vit-base", "segmenter", "facebook/sam-vit-base", 375, _APACHE, "sams"),
    Weights("sam-vit-large", "segmenter", "facebook/sam-vit-large", 1250, _APACHE, "sams"),
    Weights("sam-vit-huge", "segmenter", "facebook/sam-vit-huge", 2560, _APACHE, "sams"),
    Weights("sam2.1-tiny", "segmenter", "facebook/sam2.1-hiera-tiny", 156, _APACHE, "sam2"),
    Weights("sam2.1-small", "segmenter", "facebook/sam2.1-hiera-small", 184, _APACHE, "sam2"),
    Weights("sam2.1-base-plus", "segmenter", "facebook/sam2.1-hiera-base-plus", 324, _APACHE, "sam2"),
    Weights("sam2.1-large", "segmenter", "facebook/sam2.1-hiera-large", 898, _APACHE, "sam2"),
    Weights("sam3", "segmenter", "facebook/sam3", 3440, "SAM License", "sam3", gated=True),
    Weights("depth-anything-v2-small", "depth", f"{_DEPTH}-Small-hf", 99, _APACHE, "depthanything"),
    Weights("depth-anything-v2-base", "depth", f"{_DEPTH}-Base-hf", 390, _NON_COMMERCIAL, "depthanything"),
    Weights("depth-anything-v2-large", "depth", f"{_DEPTH}-Large-hf", 1340, _NON_COMMERCIAL, "depthanything"),
)
"""All models that see which can be fetched by name."""


def _gguf(name: str, repository: str, megabytes: int, file: str) -> Weights:
    return Weights(name, "llm", repository, megabytes, _APACHE, "LLM", files=(file,))


LANGUAGE_MODELS = (
    _gguf("qwen3-1.7b", "Qwen/Qwen3-1.7B-GGUF", 1834, "Qwen3-1.7B-Q8_0.gguf"),
    _gguf(
        "qwen2.5-coder-1.5b",
        "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        1117,
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    ),
    _gguf("qwen3-4b", "Qwen/Qwen3-4B-GGUF", 2500, "Qwen3-4B-Q4_K_M.gguf"),
)
"""All language models that can be fetched by name; their sizes have not been checked against the hub."""


@dataclass(frozen=True)
class Status:
    """How one model of the catalogue stands on this machine.

    Attributes:
        state: "missing", "whole" or "damaged".
        path: where it lies, or would.
        problems: one sentence each.
    """

    weights: Weights
    state: Literal["missing", "whole", "damaged"]
    path: Path
    problems: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------------- what there is


def entry(name: str, among: Sequence[Weights] = CATALOGUE) -> Weights:
    """The model of a name, or of a hub repository.

    Raises:
        WeightsError: where the catalogue has none.
    """
    for weights in among:
        if name.lower() in (weights.name, weights.repository.lower()):
            return weights
    names = ", ".join(weights.name for weights in among)
    raise WeightsError(f"The catalogue has no weights called '{name}'; it has {names}.")


def place(weights: Weights, root: Path | None = None) -> Path:
    """The folder of a model below a root of models; None is the first of `roots()`."""
    return (root or roots()[0]) / weights.folder / weights.name


def find(name: str, among: Sequence[Path] | None = None) -> Path:
    """The folder of a model of the catalogue, whole as far as its sizes tell.

    Args:
        name: from the catalogue, or its hub repository; among: folders of models, None is all of this machine's.

    Raises:
        WeightsError: where it is not there or not whole; says the repository, the folder and the command.
    """
    model = status(entry(name), among, deep=False)
    if model.state == "whole":
        return model.path
    weights = model.weights
    if model.state == "damaged":
        raise WeightsError(f"{model.problems[0]} `cielr weights fetch {weights.name}` fetches it again.")
    raise WeightsError(
        f"The weights '{weights.name}' are not here: `cielr weights fetch {weights.name}` fetches them "
        f"({weights.megabytes} MB, {weights.licence}) from {weights.repository} into {model.path}."
    )


def check(among: Sequence[Path] | None = None, deep: bool = True, on_step: OnStep | None = None) -> list[Status]:
    """How each model of the catalogue stands; `deep` reads every byte and compares the checksums that were fetched."""
    return [status(weights, among, deep, on_step) for weights in CATALOGUE]


def status(
    weights: Weights, among: Sequence[Path] | None = None, deep: bool = False, on_step: OnStep | None = None
) -> Status:
    """How one model stands: the first whole one of the folders that may hold it, else the first damaged one.

    Args:
        among: folders of models, None is all of this machine's.
        deep: reads every byte; on_step: told (bytes, bytes) of each file.
    """
    damaged = None
    for path in _places(weights, among):
        problems = tuple(damages(path, deep, on_step))
        if not problems:
            return Status(weights, "whole", path)
        damaged = damaged or Status(weights, "damaged", path, problems)
    return damaged or Status(weights, "missing", place(weights, among[0] if among else None))


def _places(weights: Weights, among: Sequence[Path] | None) -> Iterator[Path]:
    """Folders that hold the model: under its own name, or under its repository's, as people put it by hand, there or
    one folder deeper."""
    folders = model_folders(weights.folder) if among is None else [root / weights.folder for root in among]
    names = (weights.name, weights.repository.partition("/")[2])
    sign = weights.needs[0]
    yield from (path for folder in folders for name in names if (path := folder / name).joinpath(sign).is_file())
    for folder in folders:
        below = (path / name for path in subfolders(folder) for name in names)
        yield from (path for path in below if path.joinpath(sign).is_file())


# ----------------------------------------------------------------------------------------------------- is it whole?


def damages(path: Path, deep: bool = False, on_step: OnStep | None = None) -> list[str]:
    """What is wrong with a folder of weights, one sentence each: files missing, cut short, or with a wrong checksum.

    Folders that were not fetched by this program are judged by the headers of their safetensors and GGUF files.
    """
    files = manifest(path)
    problems = []
    for name, facts in files.items():
        file = path / name
        if not file.is_file():
            problems.append(f"{file} is missing.")
        elif file.stat().st_size != facts["size"]:
            problems.append(f"{file} has {file.stat().st_size} bytes instead of {facts['size']}.")
        elif deep and checksum(file, facts["checksum"], on_step) != facts["checksum"]:
            problems.append(f"{file} has another checksum than what was fetched.")
    tensors = sorted(path.glob("*.safetensors"))
    spoken = sorted(path.glob("*.gguf"))
    headers = {file: tensors_problem(file) for file in tensors if file.name not in files}
    headers |= {file: gguf_problem(file) for file in spoken if file.name not in files}
    problems += [f"{file} {problem}." for file, problem in headers.items() if problem]
    if not files:
        there = {file.name for file in tensors}
        problems += [f"{path / name} is missing." for name in _shards(path) if name not in there]
    if not tensors and not spoken and not any(path.glob("*.bin")):
        problems.append(f"{path} holds no weights, neither .safetensors nor .bin nor .gguf.")
    return problems


def _shards(path: Path) -> list[str]:
    """The files that a model in several parts has, as its index says; none where it is in one."""
    try:
        index = small_json(path / "model.safetensors.index.json")
        return sorted({str(name) for name in index["weight_map"].values()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def manifest(path: Path) -> dict[str, dict[str, Any]]:
    """name -> {"size": bytes, "checksum": "sha256:…" or "blob:…"}; empty where this program fetched nothing."""
    try:
        files = small_json(path / MANIFEST)["files"]
        return {
            name: {"size": int(facts["size"]), "checksum": str(facts["checksum"])}
            for name, facts in files.items()
            if is_plain_name(name)
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return {}


def is_plain_name(name: str) -> bool:
    """Whether a file's name from a hub's list or from a manifest is a name in our folder, on every system."""
    return re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}", name) is not None


def checksum(file: Path, like: str, on_step: OnStep | None = None) -> str:
    """The checksum of a file, of the kind of another one: "sha256:…", or git's "blob:…"."""
    kind = like.partition(":")[0]
    size = file.stat().st_size
    digest = hashlib.sha256() if kind == "sha256" else hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    with file.open("rb") as source:
        while block := source.read(CHUNK):
            digest.update(block)
            if on_step is not None:
                on_step(source.tell(), max(size, 1))
    return f"{kind}:{digest.hexdigest()}"

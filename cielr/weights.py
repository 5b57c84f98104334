"""The catalogue of weights: what there is, where it lies, and how it is fetched, when somebody asks for it.

Nothing is downloaded unasked. Weights lie in ComfyUI's model folders where there is a ComfyUI, so that nodes and
command share them, else below the user's cache. A folder gets its name when every file in it is whole and its checksum
right: until then it is called NAME.part, and fetching goes on where it ended.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .errors import CielrError, MissingDependency

OnStep = Callable[[int, int], None]
Kind = Literal["detector", "segmenter", "depth"]
MANIFEST = "cielr-weights.json"
CHUNK = 1 << 20


class WeightsError(CielrError):
    """Weights that are not there, not whole, or cannot be fetched."""


@dataclass(frozen=True)
class Weights:
    """One model of the catalogue, a folder in transformers' own format.

    Attributes:
        name: for the command line and the nodes.
        repository, revision: on the Hugging Face hub.
        files: which of the repository's files are taken (patterns of `fnmatch`, at its top).
        megabytes: about what they take.
        licence: of the weights, as the hub's page has it.
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


_CATALOGUE = (
    Weights("owlv2-base", "detector", "google/owlv2-base-patch16-ensemble", 620, "apache-2.0", "owlv2"),
    Weights("owlv2-large", "detector", "google/owlv2-large-patch14-ensemble", 1750, "apache-2.0", "owlv2"),
    Weights(
        name="grounding-dino-tiny",
        kind="detector",
        repository="IDEA-Research/grounding-dino-tiny",
        megabytes=690,
        licence="apache-2.0",
        folder="grounding-dino",
    ),
    Weights(
        name="grounding-dino-base",
        kind="detector",
        repository="IDEA-Research/grounding-dino-base",
        megabytes=930,
        licence="apache-2.0",
        folder="grounding-dino",
    ),
    Weights("sam-vit-base", "segmenter", "facebook/sam-vit-base", 375, "apache-2.0", "sams"),
    Weights("sam-vit-large", "segmenter", "facebook/sam-vit-large", 1250, "apache-2.0", "sams"),
    Weights("sam-vit-huge", "segmenter", "facebook/sam-vit-huge", 2560, "apache-2.0", "sams"),
    Weights("sam2.1-tiny", "segmenter", "facebook/sam2.1-hiera-tiny", 156, "apache-2.0", "sam2"),
    Weights("sam2.1-small", "segmenter", "facebook/sam2.1-hiera-small", 184, "apache-2.0", "sam2"),
    Weights("sam2.1-base-plus", "segmenter", "facebook/sam2.1-hiera-base-plus", 324, "apache-2.0", "sam2"),
    Weights("sam2.1-large", "segmenter", "facebook/sam2.1-hiera-large", 898, "apache-2.0", "sam2"),
    Weights(
        name="depth-anything-v2-small",
        kind="depth",
        repository="depth-anything/Depth-Anything-V2-Small-hf",
        megabytes=99,
        licence="apache-2.0",
        folder="depthanything",
    ),
    Weights(
        name="depth-anything-v2-base",
        kind="depth",
        repository="depth-anything/Depth-Anything-V2-Base-hf",
        megabytes=390,
        licence="cc-by-nc-4.0",
        folder="depthanything",
    ),
    Weights(
        name="depth-anything-v2-large",
        kind="depth",
        repository="depth-anything/Depth-Anything-V2-Large-hf",
        megabytes=1340,
        licence="cc-by-nc-4.0",
        folder="depthanything",
    ),
)


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


def catalogue() -> tuple[Weights, ...]:
    """All that can be fetched by name."""
    return _CATALOGUE


def entry(name: str) -> Weights:
    """The model of a name, or of a hub repository.

    Raises:
        WeightsError: where the catalogue has none.
    """
    for one in _CATALOGUE:
        if name.lower() in (one.name, one.repository.lower()):
            return one
    names = ", ".join(one.name for one in _CATALOGUE)
    raise WeightsError(f"The catalogue has no weights called '{name}'; it has {names}.")


def roots() -> list[Path]:
    """Folders of models: $CIELR_MODELS, ComfyUI's `models` ($COMFYUI_PATH), then the user's cache.

    What is fetched goes into the first.
    """
    found = []
    if os.environ.get("CIELR_MODELS"):
        found.append(Path(os.environ["CIELR_MODELS"]).expanduser())
    if os.environ.get("COMFYUI_PATH"):
        found.append(Path(os.environ["COMFYUI_PATH"]).expanduser() / "models")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return [*found, cache / "cielr" / "models"]


def place(weights: Weights, root: Path | None = None) -> Path:
    """The folder of a model below a root of models; None is the first of `roots()`."""
    return (root or roots()[0]) / weights.folder / weights.name


def find(name: str, among: Sequence[Path] | None = None) -> Path:
    """The folder of a model of the catalogue, whole as far as its sizes tell.

    Args:
        name: from the catalogue, or its hub repository; among: folders of models, None is `roots()`.

    Raises:
        WeightsError: where it is not there or not whole; says the repository, the folder and the command.
    """
    weights = entry(name)
    for path in _places(weights, among or roots()):
        problems = damages(path, deep=False)
        if problems:
            raise WeightsError(f"{problems[0]} `cielr weights fetch {weights.name}` fetches it again.")
        return path
    target = place(weights, (among or roots())[0])
    raise WeightsError(
        f"The weights '{weights.name}' are not here. `cielr weights fetch {weights.name}` fetches them "
        f"({weights.megabytes} MB, {weights.licence}) from {weights.repository} into {target}."
    )


def check(among: Sequence[Path] | None = None, deep: bool = True, on_step: OnStep | None = None) -> list[Status]:
    """How each model of the catalogue stands; `deep` reads every byte and compares the checksums that were fetched."""
    found = []
    for number, weights in enumerate(_CATALOGUE):
        if on_step is not None:
            on_step(number, len(_CATALOGUE))
        paths = list(_places(weights, among or roots()))
        if not paths:
            found.append(Status(weights, "missing", place(weights, (among or roots())[0])))
            continue
        told = None if on_step is None else (lambda done, total, n=number: on_step(n, len(_CATALOGUE)))
        problems = damages(paths[0], deep, told)
        found.append(Status(weights, "damaged" if problems else "whole", paths[0], tuple(problems)))
    return found


def _places(weights: Weights, among: Sequence[Path]) -> Iterator[Path]:
    """Folders that hold the model: under its own name, or under its repository's, as people put it by hand."""
    for root in among:
        for name in (weights.name, weights.repository.partition("/")[2]):
            if (root / weights.folder / name / "config.json").is_file():
                yield root / weights.folder / name


# ----------------------------------------------------------------------------------------------------- is it whole?


def damages(path: Path, deep: bool = False, on_step: OnStep | None = None) -> list[str]:
    """What is wrong with a folder of weights, one sentence each: files missing, cut short, or with a wrong checksum.

    Folders that were not fetched by this program are judged by the headers of their safetensors files.
    """
    files = _manifest(path)
    problems = []
    for name, facts in files.items():
        file = path / name
        if not file.is_file():
            problems.append(f"{file} is missing.")
        elif file.stat().st_size != facts["size"]:
            problems.append(f"{file} has {file.stat().st_size} bytes instead of {facts['size']}.")
        elif deep and _digest(file, facts["checksum"], on_step) != facts["checksum"]:
            problems.append(f"{file} has another checksum than what was fetched.")
    tensors = sorted(path.glob("*.safetensors"))
    problems += [f"{file} is cut short." for file in tensors if file.name not in files and is_cut(file)]
    if not tensors and not any(path.glob("*.bin")):
        problems.append(f"{path} holds no weights, neither .safetensors nor .bin.")
    return problems


def is_cut(file: Path) -> bool:
    """Whether a safetensors file is shorter than its own header says, or has no header that reads."""
    try:
        with file.open("rb") as source:
            (length,) = struct.unpack("<Q", source.read(8))
            if length > file.stat().st_size:
                return True
            header = json.loads(source.read(length))
        end = max((one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"), default=0)
    except (OSError, struct.error, ValueError, KeyError, TypeError):
        return True
    return file.stat().st_size < 8 + length + end


def _manifest(path: Path) -> dict[str, dict[str, Any]]:
    try:
        files = json.loads((path / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {str(name): {"size": int(one["size"]), "checksum": str(one["checksum"])} for name, one in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _digest(file: Path, like: str, on_step: OnStep | None = None) -> str:
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


# ------------------------------------------------------------------------------------------------------------- fetching


def fetch(
    name: str,
    root: Path | None = None,
    on_step: OnStep | None = None,
    token: str | None = None,
    endpoint: str | None = None,
) -> Path:
    """Fetches a model of the catalogue and returns its folder; what is whole already stays.

    Args:
        root: folder of models, None is the first of `roots()`.
        on_step: told (bytes, bytes in all), at least at every megabyte; what it raises ends the fetching, and the next
            one goes on from there.
        token: of the hub; None is the user's own, where there is one.
        endpoint: None is $HF_ENDPOINT, or the hub itself.

    Raises:
        WeightsError: where it cannot be had: no network, no such repository, no access, no disk space, wrong checksums.
        MissingDependency: without huggingface_hub.
    """
    weights = entry(name)
    target = place(weights, root)
    if (target / MANIFEST).is_file() and not damages(target, deep=True):
        return target
    try:
        import huggingface_hub
    except ImportError as error:
        raise MissingDependency("huggingface_hub", "models") from error
    endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "TRUE", "YES", "ON"):
        raise WeightsError(
            f"HF_HUB_OFFLINE is set, so '{weights.name}' is not fetched; unset it, or put the files of "
            f"{weights.repository} into {target} by hand."
        )
    del huggingface_hub
    with _explained(weights, endpoint, target):
        commit, files = _listed(weights, endpoint, token)
        part = target.with_name(target.name + ".part")
        part.mkdir(parents=True, exist_ok=True)
        _check_room(part, files)
        total = sum(facts["size"] for facts in files.values())
        before = 0
        for file, facts in files.items():
            told = None if on_step is None else (lambda done, _, b=before: on_step(b + min(done, total - b), total))
            _fetch_file(weights, commit, file, facts, part, endpoint, token, told)
            before += facts["size"]
        manifest = {"repository": weights.repository, "commit": commit, "files": files}
        (part / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        _put_in_place(part, target)
    return target


def _listed(weights: Weights, endpoint: str, token: str | None) -> tuple[str, dict[str, dict[str, Any]]]:
    """(commit, files with size and checksum) as the hub's own metadata have them."""
    from fnmatch import fnmatch

    from huggingface_hub import HfApi

    info = HfApi(endpoint=endpoint, token=token).model_info(
        weights.repository, revision=weights.revision, files_metadata=True, timeout=30
    )
    files: dict[str, dict[str, Any]] = {}
    for one in info.siblings or ():
        name = one.rfilename
        # a name is a path in our folder: nothing below it, nothing outside it
        if "/" in name or "\\" in name or not any(fnmatch(name, pattern) for pattern in weights.files):
            continue
        lfs = one.lfs
        checksum = f"sha256:{lfs['sha256'] if isinstance(lfs, dict) else lfs.sha256}" if lfs else f"blob:{one.blob_id}"
        files[name] = {"size": int(one.size or 0), "checksum": checksum}
    if "config.json" not in files or not any(name.endswith(".safetensors") for name in files):
        raise WeightsError(
            f"{weights.repository} at {endpoint} holds no config.json with .safetensors; it cannot be used."
        )
    return str(info.sha), files


def _check_room(part: Path, files: dict[str, dict[str, Any]]) -> None:
    wanted = sum(facts["size"] for facts in files.values())
    wanted -= sum(file.stat().st_size for file in part.iterdir() if file.is_file())
    free = shutil.disk_usage(part).free
    if wanted > free:
        raise WeightsError(
            f"{wanted / 1e6:.0f} MB are to be fetched into {part.parent}, and {free / 1e6:.0f} MB are free there; "
            "make room, or set CIELR_MODELS to a folder on another disk."
        )


def _fetch_file(
    weights: Weights,
    commit: str,
    name: str,
    facts: dict[str, Any],
    part: Path,
    endpoint: str,
    token: str | None,
    on_step: OnStep | None,
) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    done, half = part / name, part / f"{name}.part"
    if (
        done.is_file()
        and done.stat().st_size == facts["size"]
        and _digest(done, facts["checksum"]) == facts["checksum"]
    ):
        if on_step is not None:
            on_step(facts["size"], facts["size"])
        return
    url = hf_hub_url(weights.repository, name, revision=commit, endpoint=endpoint)
    half.touch()
    have = half.stat().st_size if half.stat().st_size <= facts["size"] else 0
    with half.open("r+b") as file, _small_chunks():
        file.truncate(have)
        file.seek(have)
        told = _Told(file, on_step, facts["size"])
        told.tell_now(have)
        if have < facts["size"] or facts["size"] == 0:
            http_get(
                url,
                told,  # pyright: ignore[reportArgumentType]
                resume_size=have,
                headers=build_hf_headers(token=token),
                expected_size=facts["size"],
            )
    if _digest(half, facts["checksum"]) != facts["checksum"]:
        half.unlink()
        raise WeightsError(
            f"What came as {name} of {weights.repository} has another checksum than the hub says; it was thrown away. "
            f"Fetch again, and if that does not help, look at what stands between this machine and {endpoint}."
        )
    half.replace(done)


class _Told:
    """A file that tells how far it has been written."""

    def __init__(self, file: Any, on_step: OnStep | None, total: int) -> None:
        self._file, self._on_step, self._total = file, on_step, total

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def tell_now(self, done: int) -> None:
        if self._on_step is not None:
            self._on_step(done, self._total)

    def write(self, data: bytes) -> int:
        written = self._file.write(data)
        self.tell_now(self._file.tell())
        return written


@contextmanager
def _small_chunks() -> Iterator[None]:
    """The hub's client reads ten megabytes at a time: on a slow line that is a long time without a sign of life."""
    from huggingface_hub import constants

    before = constants.DOWNLOAD_CHUNK_SIZE
    constants.DOWNLOAD_CHUNK_SIZE = min(before, CHUNK)
    try:
        yield
    finally:
        constants.DOWNLOAD_CHUNK_SIZE = before


def _put_in_place(part: Path, target: Path) -> None:
    """The fetched folder gets its name; what lay there under that name before goes, after the new one is whole."""
    for file in part.glob("*.part"):
        file.unlink()
    if target.exists():
        old = target.with_name(target.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
        part.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        part.rename(target)


@contextmanager
def _explained(weights: Weights, endpoint: str, target: Path) -> Iterator[None]:
    """Turns what the hub's client, the network and the disk raise into sentences; other errors pass through."""
    import errno

    from huggingface_hub import errors

    where = f"{weights.repository} at {endpoint}"
    try:
        yield
    except WeightsError:
        raise
    except errors.GatedRepoError as error:
        raise WeightsError(
            f"{where} is gated: accept its terms on its page, then `hf auth login`, and fetch again."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise WeightsError(f"{where} has no revision '{weights.revision}'.") from error
    except errors.RepositoryNotFoundError as error:
        raise WeightsError(
            f"{where} is not there or not for you (HTTP {_status(error)}); if it is private, `hf auth login` first."
        ) from error
    except errors.HfHubHTTPError as error:
        raise WeightsError(f"{where} answered with HTTP {_status(error)}; try again later.") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise WeightsError(
                f"The disk of {target.parent} is full; make room and fetch again, it goes on where it ended."
            ) from error
        if isinstance(error, OSError) and error.errno is not None and isinstance(error.filename, (str, bytes)):
            raise WeightsError(f"{error.filename} cannot be written: {error.strerror}.") from error
        if _of_the_network(error):
            said = str(error).partition("\n")[0][:120]
            raise WeightsError(
                f"{where} could not be read ({type(error).__name__}: {said}); fetch again, it goes on where it ended."
            ) from error
        raise


def _status(error: Any) -> str:
    return str(getattr(getattr(error, "response", None), "status_code", "error"))


def _of_the_network(error: Exception) -> bool:
    """Whether an error comes from a connection; the hub's client has changed its HTTP library more than once."""
    library = type(error).__module__.partition(".")[0]
    return (
        isinstance(error, (ConnectionError, TimeoutError))
        or library in ("httpx", "httpx2", "httpcore", "requests")
        or (isinstance(error, OSError) and "onsistency check failed" in str(error))
    )

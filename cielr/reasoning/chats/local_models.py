"""GGUF files on this machine: which may be named as local/NAME, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ...core.gguf import GgufHeader, NotGguf, gguf_header
from ...errors import LLMError
from ...weights.folders import entries, model_folders, subfolders

FOLDER = "LLM"
"""Below ComfyUI's `models`, where other packs keep theirs; extra_model_paths.yaml may add to it."""
SUFFIX = ".gguf"


def local_models(folders: Sequence[Path] | None = None) -> dict[str, Path]:
    """Name -> file of each GGUF file in the folders of models, or one folder deeper.

    A file that is alone in a folder of its own is called as the folder; others as the file. Of a model in several
    files only the first counts.

    Args:
        folders: None is all of this machine's.
    """
    named: dict[str, Path] = {}
    for folder in model_folders(FOLDER) if folders is None else folders:
        for file in _models(folder):
            named.setdefault(file.stem, file)
        for below in subfolders(folder):
            inside = list(_models(below))
            for file in inside:
                named.setdefault(below.name if len(inside) == 1 else file.stem, file)
    return named


def local_model(name: str, folders: Sequence[Path] | None = None) -> Path:
    """The file of a model, by a name of `local_models`, by its file's name, or as an absolute path.

    Raises:
        LLMError: where there is none; says what to do.
    """
    path = Path(name).expanduser()
    if path.is_absolute():
        if path.is_file():
            return path
        raise LLMError(f"There is no file {path}; name a GGUF file, or a model of `cielr llm list`.")
    here = local_models(folders)
    wanted = name.removesuffix(SUFFIX).lower()
    for known, file in here.items():
        if wanted in (known.lower(), file.stem.lower()):
            return file
    place = (model_folders(FOLDER) if folders is None else folders)[0]
    there = f"; here are {', '.join(list(here)[:10])}" if here else ""
    raise LLMError(
        f"There is no language model '{name[:80]}' on this machine{there}: `cielr llm list` names what "
        f"`cielr llm fetch` brings, and any GGUF file in {place} can be used."
    )


def speaking(file: Path) -> GgufHeader:
    """The header of a language model's file.

    Raises:
        LLMError: where it is none, or not whole.
    """
    try:
        header = gguf_header(file)
    except NotGguf as error:
        raise LLMError(f"{file} {error}; fetch it again.") from error
    except OSError as error:
        raise LLMError(f"{file} cannot be read: {error.strerror or error}.") from error
    if not header.speaks:
        raise LLMError(
            f"{file} holds no language model but '{header.architecture[:40] or 'something else'}'; name another file."
        )
    return header


def _models(folder: Path) -> Iterator[Path]:
    for path in entries(folder):
        later = "-of-" in path.stem and "-00001-of-" not in path.stem
        # eyes lie beside the language model that they belong to
        if (
            path.suffix.lower() == SUFFIX
            and not later
            and not path.stem.lower().startswith("mmproj")
            and path.is_file()
        ):
            yield path


__all__ = ["FOLDER", "local_model", "local_models", "speaking"]

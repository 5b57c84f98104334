"""What the parts of a diffusers pipeline declare, held against its weights before diffusers builds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...core.declared import Oversized, check_folder, check_network, weight_files
from ...core.weight_files import small_json, tensors_problem
from ...errors import EditError


def check_pipeline(folder: Path, single_file: Path | None = None) -> None:
    """Refuses a pipeline's folder whose configurations declare more than its weights fill.

    Args:
        single_file: the weights, where the folder has the configuration alone.

    Raises:
        EditError: where a part is too large, is cut short, or is of a class that no pipeline has.
    """
    try:
        check_folder(folder)
        for name, value in small_json(folder / "model_index.json").items():
            if isinstance(value, list) and len(value) == 2 and all(isinstance(word, str) for word in value):
                _check_part(folder / name, _part_class(folder, *value), single_file)
    except Oversized as error:
        raise EditError(f"'{folder}' cannot be loaded: {error}.") from error


def _check_part(place: Path, kind: Any, single_file: Path | None) -> None:
    import torch

    if not (isinstance(kind, type) and issubclass(kind, torch.nn.Module)) or not (place / "config.json").is_file():
        return
    files = [single_file] if single_file else weight_files(place)
    for file in files:
        problem = tensors_problem(file) if file.suffix == ".safetensors" else ""
        if problem:
            raise EditError(f"'{file}' {problem}; fetch it again.")
    check_network(lambda: _built(kind, place), files, place)


def _built(kind: Any, place: Path) -> object:
    if hasattr(kind, "load_config"):
        return kind.from_config(kind.load_config(place, local_files_only=True))
    return kind(kind.config_class.from_pretrained(place, local_files_only=True))


def _part_class(folder: Path, library: str, name: str) -> Any:
    """The class that `model_index.json` names for a part, out of diffusers or transformers alone.

    Raises:
        EditError: where it is in neither, or stands for any other (`AutoModel`), which the weights then choose.
    """
    import diffusers
    import transformers

    home = {"diffusers": diffusers, "transformers": transformers}.get(library)
    home = home or getattr(diffusers.pipelines, library, None)
    kind = getattr(home, name, None) if home is not None and library.isidentifier() else None
    if kind is None or (name.startswith("Auto") and not name.startswith("Autoencoder")):
        raise EditError(f"'{folder}' names {library}.{name} as a part, which no pipeline of these has.")
    return kind

"""The parser that a folder describes, or that names of models do: what `--perception` and its companions mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...core.weight_files import small_json
from ..parser import SceneParser
from .devices import ModelError
from .kinds import ROLES, kind_of
from .loaders import load_depth, load_detector, load_segmenter

SETTINGS = frozenset({*ROLES, "device", "dtype", "offload", "max_objects", "cover_all"})


def parser_from(
    folder: str | Path | None = None,
    detector: str | Path | None = None,
    segmenter: str | Path | None = None,
    depth: str | Path | None = None,
    device: str | None = None,
    dtype: str | None = None,
    offload: bool | None = None,
    **more: Any,
) -> SceneParser:
    """The parser of a folder of models, as `cielr scene photo.jpg --perception DIR` takes it.

    The folder is a model itself, or holds models of different kinds, told apart by their config.json (for a segmenter
    also one `sam_vit_*.pth` of SAM's authors), whatever they are called; where it holds several of a kind, the one
    that is called `detector`, `segmenter` or `depth` counts. Or a file `perception.json` in it, or the file itself,
    names them:

        {"detector": "owlv2-base", "segmenter": "../sam2.1-tiny", "depth": null,
         "device": "cuda", "dtype": "float16", "offload": false, "max_objects": 100, "cover_all": false}

    Names are the catalogue's or paths, relative to the file. Every part may be left out, not all of them.

    Args:
        detector, segmenter, depth: paths or names of the catalogue, before what the folder holds.
        device, dtype, offload: before what the file says; more: of `SceneParser`.

    Raises:
        ModelError: where the folder describes no parser; WeightsError: where a named model is not here, with the
            command that fetches it; and what the loaders raise.
    """
    settings = described(Path(folder).expanduser()) if folder is not None else {}
    named = {"detector": detector, "segmenter": segmenter, "depth": depth, "device": device, "dtype": dtype}
    settings |= {name: value for name, value in named.items() if value is not None}
    if not any(settings.get(role) for role in ROLES):
        raise ModelError("No model is named; a parser takes a detector, a segmenter, or a depth model.")
    placement = {
        "device": settings.get("device"),
        "dtype": settings.get("dtype"),
        "offload": bool(settings.get("offload", False) if offload is None else offload),
    }
    more = {name: settings[name] for name in ("max_objects", "cover_all") if name in settings} | more
    looks, draws, measures = (settings.get(role) for role in ROLES)
    return SceneParser(
        load_detector(looks, **placement) if looks else None,
        load_segmenter(draws, **placement) if draws else None,
        load_depth(measures, **placement) if measures else None,
        **more,
    )


def described(folder: Path) -> dict[str, Any]:
    """The settings that a folder or a perception.json describes: role -> path or name, and the other SETTINGS.

    Raises:
        ModelError: where it describes none.
    """
    file = folder / "perception.json" if folder.is_dir() else folder
    if file.is_file() and file.suffix == ".json":
        return _written(file)
    if not folder.exists():
        raise ModelError(f"There is no folder {folder} with models; `cielr weights list` names what can be fetched.")
    kind = kind_of(folder)
    if kind is not None:
        return {kind: folder}
    below = _sorted_out(folder, sorted(folder.iterdir())) if folder.is_dir() else {}
    # one level deeper, as ComfyUI's own models folder is: sams/sam2.1-tiny
    below = below or _sorted_out(folder, sorted(folder.glob("*/*")) if folder.is_dir() else [])
    if not below:
        raise ModelError(
            f"{folder} describes no perception: it holds neither perception.json nor a model, that is, a folder with "
            "config.json and weights in transformers' format, or a sam_vit_*.pth."
        )
    return below


def _sorted_out(folder: Path, paths: list[Path]) -> dict[str, Any]:
    """role -> the model among the paths that has it.

    Raises:
        ModelError: where several have it.
    """
    models: dict[str, list[Path]] = {}
    for path in paths:
        kind = kind_of(path)
        if kind is None and path.name == "segmenter" and path.is_dir():
            # a folder of its own around one file, whatever that is called
            kind = "segmenter" if len(list(path.glob("*.pth"))) == 1 else None
        if kind is not None:
            models.setdefault(kind, []).append(path)
    for role, several in models.items():
        chosen = [path for path in several if path.name == role]
        if len(several) > 1 and len(chosen) != 1:
            names = ", ".join(path.name for path in several)
            raise ModelError(
                f"{folder} holds several models for the {role}: {names}; name one with --{role}, or in perception.json."
            )
        models[role] = chosen or several
    return {role: several[0] for role, several in models.items()}


def _written(file: Path) -> dict[str, Any]:
    try:
        settings = small_json(file)
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} does not read as JSON: {error}.") from error
    unknown = sorted(set(settings) - SETTINGS) if isinstance(settings, dict) else ["no object"]
    if unknown:
        raise ModelError(f"{file} has settings that nobody knows: {', '.join(unknown)}.")
    if not any(settings.get(role) for role in ROLES):
        raise ModelError(f"{file} names no model; it takes {', '.join(ROLES)}.")
    for role in ROLES:
        said = settings.get(role)
        if said is not None and not isinstance(said, str):
            raise ModelError(f"{file} has something else than a name or a path as its {role}.")
        if said and (file.parent / said).exists():
            settings[role] = file.parent / said
    return settings

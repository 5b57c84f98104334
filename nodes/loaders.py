"""Perception models from ComfyUI's folders, each in a ModelPatcher, so that ComfyUI can push them out of the GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import folder_paths
from comfy_api.latest import io

from .internal.listing import entries, is_listed
from .internal.managed import DTYPES, Kept, loader
from .sockets import DEPTH, DETECTOR, SEGMENTER, advanced, among, first_wrong, must, stepper

FOLDERS = {
    "detector": ("owlv2", "grounding-dino"),
    "segmenter": ("sams", "sam2", "sam3"),
    "depth": ("depthanything",),
}
"""Below ComfyUI's `models`: the folders that artists have already. extra_model_paths.yaml may add to each."""
DOWNLOAD = "  (download)"
DEVICES = ["ComfyUI decides", "cpu"]
KEPT = Kept(6)


def add_folders() -> None:
    """Makes the folders known to ComfyUI; what others registered under these names stays."""
    for names in FOLDERS.values():
        for name in names:
            folder_paths.add_model_folder_path(name, str(Path(folder_paths.models_dir) / name))


def listed(kind: str) -> list[str]:
    """What can be loaded: "folder/name" of what lies there, then the catalogue's names that would be fetched."""
    from ..cielr.perception.models.kinds import FOLDER_TYPES, here_and_below, kind_of, known_here, loadable
    from ..cielr.weights.catalogue import CATALOGUE

    here = {
        f"{folder}/{name}": None
        for folder in FOLDERS[kind]
        for entry in entries(folder)
        for name, path in here_and_below(entry)
        if is_listed(path, lambda path: kind_of(path) == kind and loadable(path))
    }
    names = {name.rpartition("/")[2] for name in here}
    offered = [
        weights.name + DOWNLOAD
        for weights in CATALOGUE
        if weights.kind == kind and weights.name not in names and known_here(FOLDER_TYPES[weights.folder])
    ]
    return [*here, *offered]


def located(kind: str, choice: str, on_step=None) -> Path:
    """The folder or file of a choice; fetched first, where the choice says so.

    Raises:
        ValueError: where it is not there any more; CielrError: where it cannot be fetched.
    """
    from ..cielr.weights.catalogue import damages, entry
    from ..cielr.weights.fetch import fetch

    if choice.endswith(DOWNLOAD):
        weights = entry(choice.removesuffix(DOWNLOAD))
        roots = [Path(root) for root in folder_paths.get_folder_paths(weights.folder)]
        # under its own name, or under its repository's, as people put it there by hand
        for name in (weights.name, weights.repository.partition("/")[2]):
            for target in (root / name for root in roots):
                if (target / "config.json").is_file() and not damages(target):
                    return target
        return fetch(weights.name, target=roots[0] / weights.name, on_step=on_step)
    folder, _, name = choice.partition("/")
    # in the folder or one deeper, and nowhere else
    if folder in FOLDERS[kind] and 0 < len(name.split("/")) < 3 and all(map(_is_name, name.split("/"))):
        for root in folder_paths.get_folder_paths(folder):
            if (path := Path(root) / name).exists():
                return path
    raise ValueError(f"There is no {kind} '{choice}' in ComfyUI's folders {', '.join(FOLDERS[kind])} any more.")


def _is_name(part: str) -> bool:
    return part not in ("", ".", "..") and Path(part).name == part


def managed(model: Any, device: str) -> Any:
    """The model with its network in a ModelPatcher: before each use ComfyUI makes room for it and loads it."""
    import comfy.model_management as management
    import torch

    network = model.network
    where = torch.device("cpu") if device == "cpu" else management.get_torch_device()
    load = loader(where)

    def leave() -> None:
        # what did not fit runs on the CPU from now on, where ComfyUI has no say
        for held in list(management.current_loaded_models):
            if held.model is not None and getattr(held.model.model, "network", None) is network.module:
                held.model_unload()
                management.current_loaded_models.remove(held)

    network.device = where
    network.prepare = lambda: load([network.module])
    network.leave = leave
    # also where no node's own progress reaches, as when Reason looks again
    network.watch = management.throw_exception_if_processing_interrupted
    return model


def _schema(kind: str, name: str, socket: Any, more: list[Any], description: str) -> io.Schema:
    names = listed(kind)
    return io.Schema(
        node_id=f"CIELR_Load{name}",
        display_name=f"Load {name}",
        category="CIELR/0 models",
        description=description,
        inputs=[
            io.Combo.Input(
                "model",
                options=names,
                tooltip=f"From models/{', models/'.join(FOLDERS[kind])}. '(download)' fetches it from the "
                "Hugging Face hub when the node runs.",
            ),
            *more,
            advanced(
                io.Combo.Input(
                    "device",
                    options=DEVICES,
                    default=DEVICES[0],
                    optional=True,
                    tooltip="Where it runs; cpu spares the GPU.",
                )
            ),
            advanced(
                io.Combo.Input(
                    "dtype",
                    options=DTYPES,
                    default=DTYPES[0],
                    optional=True,
                    tooltip="Automatic: half precision on a GPU, single on a CPU.",
                )
            ),
        ],
        outputs=[socket.Output(display_name=kind, tooltip="For Scene Parse.")],
    )


def _loaded(kind: str, load: Any, model: str, device: str, dtype: str, **settings: Any) -> io.NodeOutput:
    import comfy.model_management as management

    from ..cielr.perception.models.kinds import suits_half

    must(_check(kind, model, device, dtype))
    path = located(kind, model, stepper())
    on_cpu = device == "cpu" or management.get_torch_device().type == "cpu"
    number_format = dtype
    if dtype == DTYPES[0]:
        number_format = "float16" if not on_cpu and suits_half(path) else "float32"
    key = (kind, str(path), _stamp(path), device, number_format, *sorted(settings.items()))
    # read into main memory: ComfyUI moves it when it is used
    made = KEPT.get(key, lambda: managed(load(path, device="cpu", dtype=number_format, **settings), device))
    return io.NodeOutput(made)


def _stamp(path: Path) -> int:
    """Changes when other weights are put under the same name."""
    files = [path] if path.is_file() else [*path.glob("*.json"), *path.glob("*.safetensors")]
    return max((file.stat().st_mtime_ns for file in files), default=0)


def _fingerprint(kind: str, model: str | None) -> str:
    """What a loader's result hangs on besides its settings; a model that is to be fetched has none yet."""
    if model is None:
        # it comes by link: a change of any that it may be counts
        return " ".join(_fingerprint(kind, name) for name in listed(kind))
    if model.endswith(DOWNLOAD):
        return ""
    try:
        return str(_stamp(located(kind, model)))
    except (ValueError, OSError):
        return ""


def _check(kind: str, model: str | None, device: str | None, dtype: str | None) -> bool | str:
    if model is not None and not _is_there(kind, model):
        return (
            f"There is no {kind} '{model}' that loads in ComfyUI's folders {', '.join(FOLDERS[kind])}, nor in the "
            f"catalogue; press R to refresh the lists."
        )
    return first_wrong(
        among(device, DEVICES, f"There is no device '{device}' here; there are {', '.join(DEVICES)}."),
        among(dtype, DTYPES, f"There is no number format '{dtype}'; there are {', '.join(DTYPES)}."),
    )


def _is_there(kind: str, model: str) -> bool:
    wanted = model.removesuffix(DOWNLOAD)
    return model in listed(kind) or (model.endswith(DOWNLOAD) and wanted in _catalogued(kind))


def _catalogued(kind: str) -> set[str]:
    """A workflow that was saved before a model was fetched goes on working afterwards."""
    from ..cielr.weights.catalogue import CATALOGUE

    return {weights.name for weights in CATALOGUE if weights.kind == kind}


def threshold_input(default: float, more: str = "", optional: bool = False) -> Any:
    return io.Float.Input(
        "threshold",
        default=default,
        min=0.0,
        max=1.0,
        step=0.01,
        optional=optional,
        tooltip=f"How sure it must be of an object; lower finds more, including what is not there.{more}",
    )


class _Load(io.ComfyNode):
    """What is chosen is checked against the lists as they are now, and read again when its files have changed."""

    KIND = ""

    @classmethod
    def validate_inputs(cls, model=None, device=DEVICES[0], dtype=DTYPES[0]):
        return _check(cls.KIND, model, device, dtype)

    @classmethod
    def fingerprint_inputs(cls, model=None, **_):
        return _fingerprint(cls.KIND, model)


class LoadDetector(_Load):
    KIND = "detector"

    @classmethod
    def define_schema(cls) -> io.Schema:
        threshold = threshold_input(0.0, " 0: the model's own threshold.", optional=True)
        description = "Finds things by their label: OWLv2 or GroundingDINO, in transformers' own format."
        return _schema(cls.KIND, "Detector", DETECTOR, [threshold], description)

    @classmethod
    def execute(cls, model, threshold=0.0, device=DEVICES[0], dtype=DTYPES[0]) -> io.NodeOutput:
        from ..cielr.perception.models.loaders import load_detector

        settings = {"threshold": threshold} if threshold else {}
        return _loaded(cls.KIND, load_detector, model, device, dtype, **settings)


class LoadSegmenter(_Load):
    KIND = "segmenter"

    @classmethod
    def define_schema(cls) -> io.Schema:
        description = "Draws outlines: SAM, SAM 2 or SAM 3 in transformers' own format, and SAM's original .pth files."
        return _schema(cls.KIND, "Segmenter", SEGMENTER, [], description)

    @classmethod
    def execute(cls, model, device=DEVICES[0], dtype=DTYPES[0]) -> io.NodeOutput:
        from ..cielr.perception.models.loaders import load_segmenter

        return _loaded(cls.KIND, load_segmenter, model, device, dtype)


class LoadDepth(_Load):
    KIND = "depth"

    @classmethod
    def define_schema(cls) -> io.Schema:
        description = "Says what is near and what is far: Depth Anything V2 in transformers' own format."
        return _schema(cls.KIND, "Depth", DEPTH, [], description)

    @classmethod
    def execute(cls, model, device=DEVICES[0], dtype=DTYPES[0]) -> io.NodeOutput:
        from ..cielr.perception.models.loaders import load_depth

        return _loaded(cls.KIND, load_depth, model, device, dtype)

"""From a folder or a file of weights to a model: which class it is stands in the folder's config.json.

Folders are in transformers' own format (config.json, preprocessor_config.json, the tokenizer's files, .safetensors).
Of the original files only SAM's (`sam_vit_*.pth`) are read: `groundingdino_*.pth`, `sam2*.pt` and
`depth_anything_v2_*.pth` have other layouts than transformers' networks, and converting them unproved would be
guessing. So they are not listed; the folders of the same models on the hub are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...core.declared import SLACK, built_within, check_folder, check_network, numbers_on_disk, weight_files
from ...core.torch_models import quiet
from ...errors import CielrError
from ...weights import catalogue as weights
from ..protocols import DepthEstimator, Detector, Segmenter
from .depth import DepthAnything
from .detectors import GroundingDinoDetector, Owlv2Detector
from .devices import ModelError, import_transformers
from .files import state_of
from .kinds import KINDS, ROLES, model_type
from .segmenters import OriginalSamSegmenter, SamSegmenter, TransformersSegmenter, sam_from_state

OWN_CODE = {"local_files_only": True, "trust_remote_code": False}
"""For every `from_pretrained`: nothing is fetched, and no code that a folder brings is run, nor is anybody asked."""


def load_detector(path_or_name: str | Path, **settings: Any) -> Detector:
    """A detector from a folder, or by its name in the catalogue.

    Args:
        settings: device, dtype, offload as `Network` has them, and those of the class, such as `threshold`.

    Raises:
        WeightsError: where there are none; ModelError: where they are no detector's, or not whole; MissingDependency.
    """
    path = resolve(path_or_name, "detector")
    transformers = import_transformers()
    kind = _kind_of(path, "detector")
    classes: dict[str, Callable[..., Any]] = {"owlv2": Owlv2Detector, "grounding-dino": GroundingDinoDetector}
    with _usable(path), quiet(transformers.utils.logging):
        processor = transformers.AutoProcessor.from_pretrained(path, **OWN_CODE)
    return classes[kind](_module(path, kind), processor, name=_name_of(path, kind), **settings)


def load_segmenter(path_or_name: str | Path, **settings: Any) -> Segmenter:
    """A segmenter from a folder, from SAM's own `.pth` file, or by its name in the catalogue.

    Arguments and errors are those of `load_detector`.
    """
    path = resolve(path_or_name, "segmenter")
    if path.is_file():
        return OriginalSamSegmenter(_original_sam(path), name=path.stem, **settings)
    kind = _kind_of(path, "segmenter")
    processor = _image_processor(path)
    make = SamSegmenter if kind == "sam" else TransformersSegmenter
    return make(_module(path, kind), processor, name=_name_of(path, kind), **settings)


def load_depth(path_or_name: str | Path, **settings: Any) -> DepthEstimator:
    """A depth estimator from a folder, or by its name in the catalogue.

    Arguments and errors are those of `load_detector`.
    """
    path = resolve(path_or_name, "depth")
    kind = _kind_of(path, "depth")
    processor = _image_processor(path)
    return DepthAnything(_module(path, kind), processor, name=_name_of(path, kind), **settings)


# --------------------------------------------------------------------------------------------------- where things lie


def resolve(path_or_name: str | Path, kind: str) -> Path:
    """The folder or file of weights that a path or a name of the catalogue means.

    Raises:
        WeightsError: where there is none.
    """
    path = Path(path_or_name).expanduser()
    if path.is_file() or (path / "config.json").is_file():
        return path
    if path.is_dir():
        files = sorted(path.glob("*.pth"))
        if kind == "segmenter" and len(files) == 1:
            return files[0]
        raise weights.WeightsError(f"{path} holds no config.json, so it is not a model in transformers' format.")
    try:
        known = weights.entry(str(path_or_name))
    except weights.WeightsError as error:
        raise weights.WeightsError(f"There is no folder or file {path}, and no such name: {error}") from error
    if known.kind != kind:
        raise ModelError(f"'{known.name}' is a {known.kind}, and a {kind} is wanted here.")
    return weights.find(known.name)


def _kind_of(path: Path, wanted: str) -> str:
    if path.is_file():
        raise ModelError(f"{path} is a file; a {wanted} is a folder in transformers' own format.")
    try:
        declared_kind = model_type(path)
    except ValueError as error:
        raise ModelError(str(error)) from error
    kind, _ = KINDS.get(declared_kind, ("", ""))
    if kind != wanted:
        fitting = ", ".join(name for name, (kind_of, _) in KINDS.items() if kind_of == wanted)
        raise ModelError(f"{path} holds a model of type '{declared_kind}'; a {wanted} is one of {fitting}.")
    problems = weights.damages(path)
    if problems:
        raise ModelError(problems[0])
    with _usable(path):
        check_folder(path)
    return declared_kind


def _name_of(path: Path, kind: str) -> str:
    return kind if path.name in ROLES else path.name


# ------------------------------------------------------------------------------------------------------------ loading


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    """What goes wrong while a model loads, in one sentence that names its folder."""
    try:
        yield
    except CielrError:
        raise
    # what file formats, tokenizers and networks raise has no common root; an interrupt is none of it
    except Exception as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
        if "trust_remote_code" in str(error):
            why = "it brings code of its own (auto_map), which is never run"
        raise ModelError(f"{path} cannot be used: {why}.") from error


def _image_processor(path: Path) -> Any:
    transformers = import_transformers()
    with _usable(path), quiet(transformers.utils.logging):
        return transformers.AutoImageProcessor.from_pretrained(path, **OWN_CODE)


def _module(path: Path, kind: str) -> Any:
    """The network with all of its weights from the folder: what is missing there would be left at random."""
    transformers = import_transformers()
    name = KINDS[kind][1]
    model_class = getattr(transformers, name, None)
    if model_class is None:
        raise ModelError(f"transformers {transformers.__version__} has no {name}, which {path} needs; update it.")
    with _usable(path), quiet(transformers.utils.logging):
        declared = model_class.config_class.from_pretrained(path, **OWN_CODE)
        check_network(lambda: model_class(declared), weight_files(path), path)
        module, report = model_class.from_pretrained(path, output_loading_info=True, **OWN_CODE)
        absent = sorted(report.get("missing_keys") or ())
        if absent:
            raise ModelError(f"{path} lacks weights of {name}: {', '.join(absent[:3])}{', …' if absent[3:] else ''}.")
    return module


def _original_sam(path: Path) -> Any:
    with _usable(path):
        state = state_of(path)
    if "image_encoder.pos_embed" not in state:
        raise ModelError(
            f"{path} is not a SAM in its authors' layout; of original files only sam_vit_*.pth are read, for other "
            "models take the folder in transformers' format."
        )
    # its layers are counted by the names of its weights
    with _usable(path), built_within(numbers_on_disk([path]) + SLACK, path):
        return sam_from_state(state)

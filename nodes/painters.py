"""Painters that bring their own networks: diffusers pipelines, and LaMa or MAT for holes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import folder_paths
from comfy_api.latest import io

from .internal.listing import entries, is_listed
from .internal.managed import DTYPES, Kept, loader
from .sockets import INPAINTER, advanced, among, first_wrong, must

FILL_FOLDERS = ("inpaint", "lama")
"""Below ComfyUI's `models`, where other packs keep LaMa and MAT too."""
PIPELINES = "diffusers"
OWN = "the model's own"
KEPT = Kept(2)


def add_folders() -> None:
    """Makes the folders known to ComfyUI; what others registered under these names stays."""
    for name in FILL_FOLDERS:
        folder_paths.add_model_folder_path(name, str(Path(folder_paths.models_dir) / name))


@dataclass(frozen=True)
class Pipeline:
    """An `Inpainter`: a diffusers pipeline that several nodes may share, each with settings of its own.

    Attributes:
        ground: who fills holes before the pipeline draws over them; None is the built-in fill.
    """

    painter: Any
    steps: int
    guidance: float
    size: int
    colour_match: bool = True
    ground: Any = field(default=None, repr=False)

    @property
    def remarks(self) -> list[str]:
        """What is to be said of what was drawn last."""
        return self.painter.remarks

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        family = self.painter.family
        self.painter.steps = self.steps or family.steps
        self.painter.guidance = family.guidance if self.guidance < 0 else self.guidance
        self.painter.size = self.size or None
        return self.painter.inpaint(image, mask, prompt, negative_prompt, strength, seed, on_step)


def how(painter: Any) -> dict[str, Any]:
    """What a painter asks of the engine besides itself, for `paint_region` and `execute`."""
    return {"fill": painter.ground, "colour_match": painter.colour_match} if isinstance(painter, Pipeline) else {}


def pipelines() -> list[str]:
    """The folders below models/diffusers that hold a pipeline which can paint."""
    return list(dict.fromkeys(path.name for path in entries(PIPELINES) if is_listed(path, _is_pipeline)))


def _is_pipeline(path: Path) -> bool:
    from ..cielr.editing.diffusion.families import family_of
    from ..cielr.errors import EditError

    try:
        family_of(path)
    except (EditError, OSError):
        # of another kind: what is listed loads
        return False
    return True


def fills() -> list[str]:
    """ "folder/name" of every weights file in the folders for fill models."""
    from ..cielr.core.weight_files import FILL_SUFFIXES

    return [
        f"{folder}/{path.name}"
        for folder in FILL_FOLDERS
        for path in entries(folder)
        if path.suffix.lower() in FILL_SUFFIXES and path.is_file()
    ]


def _path_of(folder: str, name: str) -> Path:
    for root in folder_paths.get_folder_paths(folder):
        if name and Path(name).name == name and (path := Path(root) / name).exists():
            return path
    raise ValueError(f"There is no '{name}' in models/{folder} any more; press R to refresh the lists.")


class DiffusersInpainter(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        from ..cielr.editing.diffusion.schedulers import SCHEDULERS

        return io.Schema(
            node_id="CIELR_DiffusersInpainter",
            display_name="Diffusers Inpainter",
            category="CIELR/4 edit",
            description=(
                "Lets a pipeline in diffusers' folder format paint: SD 1.5, SDXL, SD3, Flux, Flux Fill, "
                "Qwen-Image. For ComfyUI's own checkpoints use Checkpoint Inpainter."
            ),
            inputs=[
                io.Combo.Input(
                    "model",
                    options=pipelines(),
                    tooltip="A folder with a model_index.json in models/diffusers.",
                ),
                io.Int.Input("steps", default=0, min=0, max=500, tooltip="Sampling steps; 0: what suits the model."),
                io.Float.Input(
                    "guidance",
                    default=-1.0,
                    min=-1.0,
                    max=100.0,
                    step=0.1,
                    tooltip="How strictly the prompt is followed; -1: what suits the model.",
                ),
                advanced(
                    io.Combo.Input(
                        "scheduler",
                        options=[OWN, *SCHEDULERS],
                        default=OWN,
                        optional=True,
                        tooltip="The sampler. SD3, Flux and Qwen-Image take only their own and euler.",
                    )
                ),
                advanced(
                    io.Combo.Input(
                        "dtype",
                        options=DTYPES,
                        default=DTYPES[0],
                        optional=True,
                        tooltip="Automatic: what suits the model on a GPU, single precision on a CPU.",
                    )
                ),
                advanced(
                    io.Int.Input(
                        "size",
                        default=0,
                        min=0,
                        max=4096,
                        step=8,
                        optional=True,
                        tooltip="Side in pixels at which a region is drawn; 0: what the model was made for.",
                    )
                ),
                advanced(
                    io.Boolean.Input(
                        "colour_match",
                        default=True,
                        optional=True,
                        tooltip="Undoes the colour shift that the model causes in what it should leave alone.",
                    )
                ),
                fill_input(),
            ],
            outputs=[inpainter_output()],
        )

    @classmethod
    def validate_inputs(cls, model=None, scheduler=OWN, dtype=DTYPES[0]):
        from ..cielr.editing.diffusion.schedulers import SCHEDULERS

        return first_wrong(
            among(model, pipelines(), f"There is no pipeline '{model}' in models/diffusers."),
            among(scheduler, [OWN, *SCHEDULERS], f"There is no scheduler '{scheduler}'."),
            among(dtype, DTYPES, f"There is no number format '{dtype}'; there are {', '.join(DTYPES)}."),
        )

    @classmethod
    def execute(
        cls, model, steps=0, guidance=-1.0, scheduler=OWN, dtype=DTYPES[0], size=0, colour_match=True, fill=None
    ) -> io.NodeOutput:
        import comfy.model_management as management

        from ..cielr.editing.diffusion.diffusers_inpainter import DiffusersInpainter as Painter

        check_fill(fill)
        must(cls.validate_inputs(model, scheduler, dtype))
        path = _path_of(PIPELINES, model)
        device = management.get_torch_device()

        def make() -> Painter:
            painter = Painter(
                path,
                device=str(device),
                dtype=None if dtype == DTYPES[0] else dtype,
                scheduler=None if scheduler == OWN else scheduler,
            )
            painter.prepare = loader(device)
            return painter

        stamp = (path / "model_index.json").stat().st_mtime_ns
        painter = KEPT.get(("pipeline", str(path), stamp, scheduler, dtype), make)
        return io.NodeOutput(Pipeline(painter, steps, guidance, size, colour_match, fill))


class LoadInpaintModel(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_LoadInpaintModel",
            display_name="Load Inpaint Model",
            category="CIELR/0 models",
            description=(
                "LaMa or MAT: fills holes from what is around them, without a prompt. It removes and moves things by "
                "itself, and prepares the ground for an inpainter that draws."
            ),
            inputs=[
                io.Combo.Input(
                    "model",
                    options=fills(),
                    tooltip=f"From models/{' or models/'.join(FILL_FOLDERS)}, such as big-lama.pt.",
                )
            ],
            outputs=[inpainter_output(", or the fill input of an inpainter")],
        )

    @classmethod
    def validate_inputs(cls, model=None):
        return among(model, fills(), f"There is no '{model}' in models/{' or models/'.join(FILL_FOLDERS)}.")

    @classmethod
    def execute(cls, model) -> io.NodeOutput:
        import comfy.model_management as management

        from ..cielr.editing.fill.network import SpandrelFill

        must(cls.validate_inputs(model))
        path = _path_of(*model.split("/", 1))
        device = management.get_torch_device()

        def make() -> SpandrelFill:
            fill = SpandrelFill(path, device=str(device))
            fill.prepare = loader(device)
            return fill

        return io.NodeOutput(KEPT.get(("fill", str(path), path.stat().st_mtime_ns), make))


def fill_input() -> Any:
    return INPAINTER.Input(
        "fill",
        optional=True,
        tooltip="From Load Inpaint Model: fills what is removed before this model draws over it. Not connected: the "
        "built-in fill.",
    )


def inpainter_output(more: str = "") -> Any:
    return INPAINTER.Output(display_name="inpainter", tooltip=f"For the Edit Executor{more}.")


def check_fill(fill: Any) -> None:
    """Raises ValueError where something that does not fill is connected as a fill."""
    from ..cielr.editing.painters import Filler

    if fill is not None and not isinstance(fill, Filler):
        raise ValueError("Only Load Inpaint Model goes into 'fill'; what draws goes into the Edit Executor.")

"""The nodes, one file a stage, in the order in which data flows."""

from comfy_api.latest import ComfyExtension, io

from . import core_eyes, core_llm, scene_parts
from .edit import CropRegion, EditExecutor, StitchRegion
from .files import LoadPlan, LoadScene, SavePlan, SaveScene
from .from_masks import SceneFromMasks
from .inpaint import CheckpointInpainter
from .internal.checking import CheckAction
from .internal.drawing import DrawRegion, KeepPainted
from .internal.hosts import add_route
from .internal.local_llm import add_folder
from .internal.memo import free_with_models
from .internal.ollama_models import ask_when_serving
from .internal.photos import add_photo_routes
from .internal.plumbing import (
    CollectImages,
    CollectLooks,
    CollectSteps,
    CutOut,
    PaintRegion,
    PickImage,
    PutBack,
    RegionLiteral,
    ShowEdit,
)
from .internal.plumbing_sampler import Align, ColourMatch, PasteThing, ReferenceCrop, UnpackControl, UnpackInpainter
from .internal.stretches import ChangedMask, Stretch
from .llm import LocalLLM, OllamaLLM, OpenAILLM
from .loaders import LoadDepth, LoadDetector, LoadSegmenter, add_folders
from .paint_with import InpainterControl, InpainterWords, TwoInpainters
from .painters import DiffusersInpainter, LoadInpaintModel
from .painters import add_folders as add_painter_folders
from .perceive import SceneParse
from .plan import Action, EditPlan
from .reason import Reason
from .region import ActionToMask, PickRegion


class CielrExtension(ComfyExtension):
    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        add_folders()
        add_painter_folders()
        add_folder()
        add_route()
        free_with_models()
        add_photo_routes()
        ask_when_serving()
        return [
            LoadDetector,
            LoadSegmenter,
            LoadDepth,
            LoadInpaintModel,
            SceneParse,
            SceneFromMasks,
            OllamaLLM,
            OpenAILLM,
            LocalLLM,
            Reason,
            EditPlan,
            Action,
            ActionToMask,
            PickRegion,
            EditExecutor,
            CheckpointInpainter,
            DiffusersInpainter,
            TwoInpainters,
            InpainterControl,
            InpainterWords,
            CropRegion,
            StitchRegion,
            SaveScene,
            LoadScene,
            SavePlan,
            LoadPlan,
            RegionLiteral,
            PickImage,
            CutOut,
            PaintRegion,
            PutBack,
            CollectImages,
            CollectSteps,
            CollectLooks,
            ShowEdit,
            Stretch,
            ChangedMask,
            CheckAction,
            UnpackInpainter,
            DrawRegion,
            KeepPainted,
            ColourMatch,
            PasteThing,
            ReferenceCrop,
            Align,
            UnpackControl,
            *scene_parts.offered(),
            *core_eyes.offered(),
            *core_llm.offered(),
        ]

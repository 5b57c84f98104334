"""IMAGE + REGIONS -> IMAGE: the regions painted, everything else as it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from comfy_api.latest import io

from ..cielr.editing.variants import MOST
from .internal.memo import painter_signature
from .internal.running import is_read, own_inputs, running
from .internal.variants import Variants
from .region import changed_mask, frame_alpha
from .sockets import (
    INPAINTER,
    LLM,
    PERCEPTION,
    REGION,
    REGIONS,
    PerImage,
    advanced,
    alphas,
    extra_channels,
    frame_mask,
    is_see_through,
    to_arrays,
    to_image,
    to_masks,
    watch,
)

if TYPE_CHECKING:
    from ..cielr.region import Region
    from .internal.in_process import Edit

STEPS = 2
"""The Executor's output with the image after each region."""


class EditExecutor(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_EditExecutor",
            display_name="Edit Executor",
            category="CIELR/4 edit",
            description="Carries out the regions one after the other. Outside them not one value changes.",
            inputs=[
                io.Image.Input("image", tooltip="The image, or the batch, that the scene was made from."),
                REGIONS.Input("regions", tooltip="From Action to Mask."),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=True,
                    tooltip="Each action's seed is made from this one and from what the action does.",
                ),
                INPAINTER.Input(
                    "inpainter",
                    optional=True,
                    tooltip="The model that paints. Not connected: the built-in fill, without weights.",
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="Corrected masks instead of the regions' own: as many, in the same order.",
                ),
                PERCEPTION.Input(
                    "perception",
                    optional=True,
                    tooltip="From Scene Parse: actions on what this edit draws look at it before they go on, and "
                    "attempts are checked with it.",
                ),
                io.Int.Input(
                    "attempts",
                    default=1,
                    min=1,
                    max=20,
                    optional=True,
                    tooltip="Paint an action up to this many times, until a check finds that it did what it should. "
                    "1: no check.",
                ),
                LLM.Input(
                    "llm",
                    optional=True,
                    tooltip="A language model that takes pictures: with attempts above 1 it is asked, too, whether an "
                    "action did what it should.",
                ),
                advanced(
                    io.Int.Input(
                        "variants",
                        default=1,
                        min=1,
                        max=MOST,
                        optional=True,
                        tooltip="Paint each region this many times, each time with another seed, and choose on the "
                        "node. With attempts above 1 each of an action's variants is checked.",
                    )
                ),
                advanced(
                    io.String.Input(
                        "choice",
                        default="",
                        optional=True,
                        tooltip="The seeds of the variants that are kept; a click on the node writes them. Empty: the "
                        "first of each.",
                        socketless=True,
                    )
                ),
            ],
            outputs=[
                io.Image.Output(display_name="image", tooltip="The edited image."),
                io.Mask.Output(display_name="changed", tooltip="Where it may differ from the input, for each image."),
                io.Image.Output(display_name="steps", tooltip="The image after each region."),
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
            enable_expand=True,
        )

    @classmethod
    def fingerprint_inputs(cls, **_):
        # with a link at 'steps' there is more to be made
        return is_read(STEPS)

    @classmethod
    def execute(
        cls,
        image,
        regions,
        seed=0,
        inpainter=None,
        masks=None,
        perception=None,
        attempts=1,
        llm=None,
        variants=1,
        choice="",
    ) -> io.NodeOutput:
        # what only an edit needs is loaded with the first one: ComfyUI starts without it
        from ..cielr.region import seeded
        from .internal.choice import is_sampled, wanted

        arrays = to_arrays(image)
        given = regions.spread(len(arrays), "sets of regions")
        # masks corrected by hand are for all regions as they were shown: then nothing waits
        staged = [() if masks is not None else getattr(chain, "later", ()) for chain in given]
        settings = [getattr(chain, "setting", None) for chain in given]
        chains = [chain.now if later else list(chain) for chain, later in zip(given, staged, strict=True)]
        for array, chain in zip(arrays, chains, strict=True):
            check_sizes(array, chain)
        # what alpha hides takes a look at all regions at once, which no chain of small nodes has
        clear = not is_sampled(inpainter) and any(map(is_see_through, alphas(image)))
        notices = _channel_notices(image, clear)
        if masks is not None:
            before, chains = chains, corrected(chains, masks)
            # and there an attempt gets no more room than was painted
            settings = [setting and setting.without_room() for setting in settings]
            empty = sum(map(len, before)) - sum(map(len, chains))
            if empty:
                notices.append(f"{empty} of the corrected masks {'is' if empty == 1 else 'are'} empty: left out.")
        picks = Variants.of(variants, choice)
        chains = [seeded([wanted(region, inpainter) for region in chain], seed) for chain in chains]
        changed = torch.from_numpy(np.stack([changed_mask(a, c) for a, c in zip(arrays, chains, strict=True)]))
        if not any(chains) and not any(staged):
            return _unchanged(image, changed, notices, masks is not None)
        from .internal.in_process import Edit, Helpers, in_process

        edit = Edit(chains, settings, staged, seed, attempts, picks)
        if not clear and not _expansions_break():
            return cls._expanded(edit, inpainter, changed, notices, choice)
        if is_sampled(inpainter):
            raise ValueError(
                "With --cache-none this ComfyUI cannot expand nodes, and a checkpoint cannot paint: start it without "
                "that option, or take a newer ComfyUI."
            )
        helpers = Helpers(inpainter, perception, llm, cls._signature())
        return in_process(image, edit, helpers, changed, notices, is_read(STEPS))

    @classmethod
    def _signature(cls) -> str:
        """Of the inpainter, for the memory of what was painted."""
        hidden: Any = cls.hidden
        return painter_signature(hidden.dynprompt, own_inputs(cls).get("inpainter"))

    @classmethod
    def _expanded(cls, edit: Edit, inpainter: Any, changed: torch.Tensor, notices, choice: str) -> io.NodeOutput:
        """The same as a graph of small nodes, which ComfyUI caches one by one."""
        from comfy_execution.graph_utils import GraphBuilder

        from .internal.expand import Eyes, Later, expand

        links = own_inputs(cls)
        graph = expand(
            links["image"],
            [
                edit.variants.pieces(chain, setting, edit.attempts, inpainter, number)
                for number, (chain, setting) in enumerate(zip(edit.chains, edit.settings, strict=True), start=1)
            ],
            links.get("inpainter"),
            running().list_index,
            GraphBuilder.alloc_prefix(),
            "\n".join(notices),
            stack=is_read(STEPS),
            later=[Later(tuple(texts), edit.seed, edit.attempts, edit.variants.count, choice) for texts in edit.staged],
            eyes=Eyes(links.get("perception"), links.get("llm")),
            signature=cls._signature(),
            shows=True,
        )
        return io.NodeOutput(graph.result, graph.changed or changed, graph.steps, expand=graph.nodes)


def _channel_notices(image: torch.Tensor, clear: bool) -> list[str]:
    """What happens to channels beyond red, green and blue."""
    if not extra_channels(image):
        return []
    return [f"The image's fourth channel {'goes with what moves' if clear else 'stays as it is'}."]


def _unchanged(image: torch.Tensor, changed: torch.Tensor, notices: list[str], corrected: bool) -> io.NodeOutput:
    from ..cielr.telling.wording import UNCHANGED

    words = "No region is left" if corrected and notices else "There is no region"
    ui = {"text": [" ".join([*notices, f"{words}; {UNCHANGED}."])]}
    return io.NodeOutput(image, changed, image, ui=ui, expand={})


class CropRegion(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_CropRegion",
            display_name="Crop Region",
            category="CIELR/4 edit",
            description="Cuts a region with its context out of the image, for any sampler graph.",
            inputs=[
                io.Image.Input("image", tooltip="The whole image, or a batch."),
                REGION.Input("region", tooltip="From Pick Region."),
                io.Int.Input(
                    "size",
                    default=0,
                    min=0,
                    max=4096,
                    step=8,
                    tooltip="The longer side of the crop, in pixels (512 for SD 1.5, 1024 for SDXL). 0: as it is.",
                ),
                advanced(io.Int.Input("multiple", default=8, min=1, max=128, tooltip="Sides are multiples of this.")),
            ],
            outputs=[
                io.Image.Output(display_name="crop", tooltip="The region with its context."),
                io.Mask.Output(display_name="mask", tooltip="What is to be painted, within the crop."),
                REGION.Output(display_name="region", tooltip="For Stitch Region."),
            ],
        )

    @classmethod
    def execute(cls, image, region, size=0, multiple=8) -> io.NodeOutput:
        from ..cielr.editing.crop import working_crop

        arrays = to_arrays(image)
        check_sizes(arrays[0], [region])
        crops, alphas, wider = zip(*[working_crop(array, region, size, multiple) for array in arrays], strict=True)
        return io.NodeOutput(to_image(crops), torch.from_numpy(np.stack(alphas)), wider[0])


class StitchRegion(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_StitchRegion",
            display_name="Stitch Region",
            category="CIELR/4 edit",
            description="Puts a painted crop back into the image. Outside the region not one value changes.",
            inputs=[
                io.Image.Input("image", tooltip="The whole image, or the batch, that was cropped."),
                REGION.Input("region", tooltip="From Crop Region, which may have widened its crop."),
                io.Image.Input("painted", tooltip="The crop, painted; a crop of another size is scaled back."),
            ],
            outputs=[io.Image.Output(display_name="image", tooltip="The whole image with the region painted.")],
        )

    @classmethod
    def execute(cls, image, region, painted) -> io.NodeOutput:
        arrays = to_arrays(image)
        check_sizes(arrays[0], [region])
        crops = PerImage(to_arrays(painted, "painted crop")).spread(len(arrays), "painted crops")
        return io.NodeOutput(stitched(image, region, crops))


def stitched(image: torch.Tensor, region: Region, crops: Iterable[np.ndarray]) -> torch.Tensor:
    """IMAGE [B, H, W, C] with a painted crop in each; copied once, and further channels stay as they are."""
    from ..cielr.editing.crop import stitch_into

    result = image.detach().to("cpu", torch.float32, copy=True)
    for frame, crop in zip(result.numpy(), crops, strict=True):
        watch()
        stitch_into(frame[..., :3], region, crop)
    return result


def check_sizes(array: np.ndarray, chain) -> None:
    """Raises ValueError where a region was made for an image of another size."""
    for region in chain:
        if array.shape[:2] != (region.support.height, region.support.width):
            raise ValueError(
                f"The regions are for an image of {region.support.width} x {region.support.height} pixels, "
                f"this one has {array.shape[1]} x {array.shape[0]}: connect the image that the scene was made from."
            )


def corrected(chains, masks: torch.Tensor):
    """The regions with the masks of a batch in the place of their own; an empty mask leaves a region out.

    Raises:
        ValueError: where there are not as many masks as regions.
    """
    from ..cielr.region import with_support

    arrays = to_masks(masks)
    total = sum(len(chain) for chain in chains)
    if len(arrays) != total:
        raise ValueError(f"There are {total} regions and {len(arrays)} corrected masks; there must be as many.")
    given = iter(arrays)
    kept = []
    for chain in chains:
        kept.append([])
        for region in chain:
            watch()
            mask = frame_mask(next(given), region.support.height, region.support.width)
            # a mask that was not touched comes back soft: its feather must not be cut off
            own = frame_alpha(region) >= 0.5
            if np.array_equal(mask.to_array(), own):
                kept[-1].append(region)
            elif not mask.is_empty:
                kept[-1].append(with_support(region, mask))
    return kept


def _expansions_break() -> bool:
    """With --cache-none ComfyUI 0.3.64 loses the nodes of an expansion (KeyError): there all is done in process.

    Newer ones, which have no cache of that kind any more, keep them.
    """
    from comfy.cli_args import args
    from comfy_execution import caching

    return bool(getattr(args, "cache_none", False)) and hasattr(caching, "DependencyAwareCache")

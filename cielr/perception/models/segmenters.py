"""Segmenters: SAM, SAM 2 and SAM 3's tracker through transformers, and SAM's own files through segment-anything.

All of them encode the image once, whatever the number of boxes and rounds; each box gets a mask of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.geometry import Box, Mask
from ...core.progress import in_steps, part_of_work
from ...core.scene import OnStep
from ..outlines import best_proposal, cleaned
from .devices import Networked, as_bytes, import_torch, processed

AT_ONCE = 8
"""Boxes for one pass of the decoder: it takes about a second on a CPU, between two looks at whether to stop."""
SURE = 0.86
"""The model's own estimate of a mask's IoU from which "everything" takes it; SAM's authors use 0.88."""
STABLE = 0.9
"""IoU of a mask cut at a logit of 1 and of -1 from which "everything" takes it; SAM's authors use 0.95."""
DOUBLE = 0.7
"""Overlap of boxes from which two of everything's masks are one thing; as SAM's authors have it."""


class BoxSegmenter(Networked):
    """What all of them share: from proposals at the decoder's size to clean masks at the image's.

    Args:
        module: the network; placement: device, dtype, offload, cache of `Network`.
        points_per_side: of the grid with which `everything` asks.
    """

    pads = False
    """Whether the encoder sees the image in its own proportions, padded at the right or at the bottom."""

    def __init__(self, module: Any, name: str, points_per_side: int = 16, **placement: Any) -> None:
        super().__init__(module, name, **placement)
        self.points_per_side = points_per_side

    def segment(self, image: np.ndarray, boxes: Sequence[Box], on_step: OnStep | None = None) -> list[Mask]:
        """One mask for each box, cleaned of specks and pin holes; an empty one where nothing is found.

        Raises:
            ModelError: where it does not fit into memory.
        """
        if not boxes:
            return []
        pixels = as_bytes(image)
        height, width = pixels.shape[:2]
        masks: list[Mask] = []
        for first in range(0, len(boxes), AT_ONCE):
            # the first pass carries the encoder, which is most of the work
            done = 0 if first == 0 else 70 + 30 * first / len(boxes)
            step = part_of_work(on_step, done, 70 + 30 * min(1, (first + AT_ONCE) / len(boxes)))
            group = boxes[first : first + AT_ONCE]
            prompts = np.array([box.corners for box in group], dtype=np.float64)
            logits, scores = self.network.run(lambda prompts=prompts: self._decoded(pixels, prompts, None), step)
            for box, proposals, values in zip(group, logits, scores, strict=True):
                scale_x, scale_y = self._used(proposals.shape[1:], width, height)
                small = _scaled(box, scale_x / width, scale_y / height, proposals.shape[2], proposals.shape[1])
                best = best_proposal(proposals > 0, values, small)
                masks.append(Mask.from_array(cleaned(self._full_size(proposals[best], width, height))))
        return masks

    def everything(self, image: np.ndarray, on_step: OnStep | None = None) -> list[Mask]:
        """What there is without being told where: masks that the model is sure of, doubles left out, largest first.

        Raises:
            ModelError: where it does not fit into memory.
        """
        pixels = as_bytes(image)
        height, width = pixels.shape[:2]
        side = self.points_per_side
        steps = (np.arange(side) + 0.5) / side
        points = np.stack(np.meshgrid(steps * width, steps * height), axis=-1).reshape(-1, 1, 2)
        proposals: list[tuple[float, np.ndarray]] = []
        for first in range(0, len(points), AT_ONCE):
            done = 0 if first == 0 else 30 + 65 * first / len(points)
            step = part_of_work(on_step, done, 30 + 65 * min(1, (first + AT_ONCE) / len(points)))
            group = points[first : first + AT_ONCE]
            logits, scores = self.network.run(lambda group=group: self._decoded(pixels, None, group), step)
            for proposal, score in zip(logits.reshape(-1, *logits.shape[2:]), scores.reshape(-1), strict=True):
                wide, tight = int((proposal > -1).sum()), int((proposal > 1).sum())
                if score >= SURE and tight and tight >= STABLE * wide:
                    proposals.append((float(score), proposal))
        return self._without_doubles(proposals, width, height, part_of_work(on_step, 95, 100))

    def _without_doubles(
        self, proposals: list[tuple[float, np.ndarray]], width: int, height: int, on_step: OnStep | None
    ) -> list[Mask]:
        kept: list[Mask] = []
        boxes: list[Box] = []
        for _, proposal in in_steps(sorted(proposals, key=lambda pair: -pair[0]), on_step):
            # compared at the decoder's size first: most are doubles, and full size is dear
            box = Mask.from_array(proposal > 0).box
            if any(box.iou(other) > DOUBLE for other in boxes):
                continue
            mask = Mask.from_array(cleaned(self._full_size(proposal, width, height)))
            if not mask.is_empty:
                boxes.append(box)
                kept.append(mask)
        return sorted(kept, key=lambda mask: -mask.area)

    def _full_size(self, logits: np.ndarray, width: int, height: int) -> np.ndarray:
        """bool [height, width] of logits [h, w] at the decoder's size."""
        torch = import_torch()
        interpolate = torch.nn.functional.interpolate
        values = torch.from_numpy(np.ascontiguousarray(logits))[None, None]
        if self.pads:
            # up to the encoder's size, the padding off, and on
            values = interpolate(values, (self.side, self.side), mode="bilinear", align_corners=False)
            in_x, in_y = self._resized(width, height)
            values = values[..., :in_y, :in_x]
        values = interpolate(values, (height, width), mode="bilinear", align_corners=False)
        return (values[0, 0] > 0).numpy()

    # ------------------------------------------------------------------------------------------- what models differ in

    @property
    def side(self) -> int:
        """Pixels a side of what the encoder sees."""
        raise NotImplementedError

    def _resized(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) in pixels that an image has when the encoder sees it, its padding left out."""
        if not self.pads:
            return self.side, self.side
        # rounded as SAM's ResizeLongestSide does
        scale = self.side / max(width, height)
        return int(width * scale + 0.5), int(height * scale + 0.5)

    def _used(self, shape: tuple[int, ...], width: int, height: int) -> tuple[float, float]:
        """(columns, rows) of the decoder's masks [h, w] that show the image, the rest being padding."""
        in_x, in_y = self._resized(width, height)
        return in_x * shape[1] / self.side, in_y * shape[0] / self.side

    def _decoded(
        self, pixels: np.ndarray, boxes: np.ndarray | None, points: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Logits float32 [N, P, h, w] and estimated IoUs [N, P] of boxes [N, 4] or points [N, 1, 2] in the image."""
        raise NotImplementedError

    def _prompts(self, values: np.ndarray, width: int, height: int) -> Any:
        """Boxes or points of the image in pixels of what the encoder sees, as a tensor."""
        torch = import_torch()
        in_x, in_y = self._resized(width, height)
        scale = np.array([in_x / width, in_y / height] * (values.shape[-1] // 2))
        # single precision: half a format leaves whole pixels between two coordinates
        return torch.tensor(values * scale, dtype=torch.float32, device=self.network.place)


class TransformersSegmenter(BoxSegmenter):
    """SAM 2 and SAM 3's tracker: the image is stretched to a square.

    Args:
        module: `Sam2Model` or `Sam3TrackerModel`; image_processor: its own.
    """

    def __init__(self, module: Any, image_processor: Any, name: str = "sam2", **more: Any) -> None:
        super().__init__(module, name, **more)
        self.image_processor = image_processor

    @property
    def side(self) -> int:
        size = self.network.module.prompt_encoder.input_image_size
        return int(size if isinstance(size, int) else size[0])

    def _image_side(self, pixels: np.ndarray) -> Any:
        values = processed(self.image_processor, pixels)["pixel_values"]
        return self.network.module.get_image_embeddings(values.to(self.network.place, self.network.dtype))

    def _decoded(self, pixels, boxes, points):
        height, width = pixels.shape[:2]
        embeddings = self.network.encoded(pixels, lambda: self._image_side(pixels))
        prompts = {}
        if boxes is not None:
            prompts["input_boxes"] = self._prompts(boxes, width, height)[None]
        if points is not None:
            prompts["input_points"] = self._prompts(points, width, height)[None]
        output = self.network.module(image_embeddings=embeddings, multimask_output=True, **prompts)
        return output.pred_masks[0].float().cpu().numpy(), output.iou_scores[0].float().cpu().numpy()


class SamSegmenter(TransformersSegmenter):
    """SAM (Kirillov et al., arXiv 2304.02643): the longer side is scaled, the shorter padded.

    Args:
        module: `SamModel`; image_processor: its own.
    """

    pads = True

    @property
    def side(self) -> int:
        return int(self.network.module.config.vision_config.image_size)


class OriginalSamSegmenter(BoxSegmenter):
    """SAM from the authors' `.pth` files (`sam_vit_b_01ec64.pth`, …), through the package `segment-anything`.

    Args:
        module: `segment_anything.modeling.Sam`, as `sam_from_state` builds it.
    """

    pads = True

    def __init__(self, module: Any, name: str = "sam", **more: Any) -> None:
        super().__init__(module, name, **more)
        # its positions are computed in single precision, and it is no size to speak of
        module.prompt_encoder.float()

    @property
    def side(self) -> int:
        return int(self.network.module.image_encoder.img_size)

    def _image_side(self, pixels: np.ndarray) -> Any:
        from PIL import Image

        torch = import_torch()
        module = self.network.module
        size = self._resized(pixels.shape[1], pixels.shape[0])
        # as the package does it: the resizing is PIL's, on bytes
        small = np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
        values = torch.from_numpy(small).permute(2, 0, 1)[None].to(self.network.place)
        return module.image_encoder(module.preprocess(values).to(self.network.dtype))

    def _decoded(self, pixels, boxes, points):
        torch = import_torch()
        module = self.network.module
        height, width = pixels.shape[:2]
        embedding = self.network.encoded(pixels, lambda: self._image_side(pixels))
        asked = None
        if points is not None:
            spots = self._prompts(points, width, height)
            asked = (spots, torch.ones(spots.shape[:2], dtype=torch.int, device=spots.device))
        sparse, dense = module.prompt_encoder(
            points=asked, boxes=None if boxes is None else self._prompts(boxes, width, height), masks=None
        )
        kind = self.network.dtype
        logits, scores = module.mask_decoder(
            image_embeddings=embedding,
            image_pe=module.prompt_encoder.get_dense_pe().to(kind),
            sparse_prompt_embeddings=sparse.to(kind),
            dense_prompt_embeddings=dense.to(kind),
            multimask_output=True,
        )
        return logits.float().cpu().numpy(), scores.float().cpu().numpy()


def sam_from_state(state: dict[str, Any]) -> Any:
    """The `segment_anything` network of a state dict; every size is read from the shapes of its weights.

    Raises:
        MissingDependency: where the package is missing; KeyError, RuntimeError: where these are not SAM's weights.
    """
    from functools import partial

    from ...errors import MissingDependency

    torch = import_torch()
    try:
        from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer
    except ImportError as error:
        raise MissingDependency("segment-anything", "sam") from error
    _, grid, _, width = state["image_encoder.pos_embed"].shape
    patch = state["image_encoder.patch_embed.proj.weight"].shape[-1]
    depth = 1 + max(int(key.split(".")[2]) for key in state if key.startswith("image_encoder.blocks."))
    # relative positions reach over the whole grid in the blocks that see all of it, over a window in the others
    reach = [(state[f"image_encoder.blocks.{k}.attn.rel_pos_h"].shape[0] + 1) // 2 for k in range(depth)]
    windows = [window for window in reach if window != grid]
    prompt = state["prompt_encoder.no_mask_embed.weight"].shape[1]
    layers = 1 + max(int(key.split(".")[3]) for key in state if key.startswith("mask_decoder.transformer.layers."))
    heads = [key for key in state if key.startswith("mask_decoder.iou_prediction_head.layers.") and "weight" in key]
    norm: Any = partial(torch.nn.LayerNorm, eps=1e-6)
    module = Sam(
        image_encoder=ImageEncoderViT(
            img_size=grid * patch,
            patch_size=patch,
            embed_dim=width,
            depth=depth,
            num_heads=width // state["image_encoder.blocks.0.attn.rel_pos_h"].shape[1],
            mlp_ratio=state["image_encoder.blocks.0.mlp.lin1.weight"].shape[0] / width,
            out_chans=prompt,
            qkv_bias="image_encoder.blocks.0.attn.qkv.bias" in state,
            norm_layer=norm,
            use_rel_pos=True,
            window_size=windows[0] if windows else 14,
            global_attn_indexes=tuple(k for k, window in enumerate(reach) if window == grid),
        ),
        prompt_encoder=PromptEncoder(
            embed_dim=prompt,
            image_embedding_size=(grid, grid),
            input_image_size=(grid * patch, grid * patch),
            mask_in_chans=state["prompt_encoder.mask_downscaling.3.weight"].shape[0],
        ),
        mask_decoder=MaskDecoder(
            num_multimask_outputs=state["mask_decoder.mask_tokens.weight"].shape[0] - 1,
            transformer=TwoWayTransformer(
                depth=layers,
                embedding_dim=prompt,
                mlp_dim=state["mask_decoder.transformer.layers.0.mlp.lin1.weight"].shape[0],
                num_heads=8,
            ),
            transformer_dim=prompt,
            iou_head_depth=len(heads),
            iou_head_hidden_dim=state[heads[0]].shape[0],
        ),
    )
    module.load_state_dict(state)
    return module.eval()


# ----------------------------------------------------------------------------------------------------------- helpers


def _scaled(box: Box, across: float, down: float, width: int, height: int) -> Box:
    """The box on a coarser grid; at least one cell of it."""
    x0, y0 = int(box.x0 * across), int(box.y0 * down)
    x1, y1 = int(np.ceil(box.x1 * across)), int(np.ceil(box.y1 * down))
    return Box(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)).clip(width, height)

"""ComfyUI's own eyes behind the engine's protocols: SAM 3, RT-DETR, Depth Anything 3 and MoGe.

The networks are those that the core's loaders made; the core brings them onto the GPU and pushes them out again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...cielr.core.geometry import Box, Mask
from ...cielr.core.inflection import singular
from ...cielr.core.progress import part_of_work
from ...cielr.perception.models.depth import far_from
from ...cielr.perception.models.detectors import clean_labels
from ...cielr.perception.models.devices import as_bytes, counted, moved
from ...cielr.perception.models.encode_cache import SHARED, content_key, new_owner
from ...cielr.perception.protocols import Detection
from ...cielr.perception.suppress import merged, whole_pixels
from ..sockets import PerImage, nearest

SIDE = 1008
"""Pixels to which SAM 3 scales every picture."""
PICTURES = 8
"""Pictures of which SAM 3's coarse outlines are kept."""
AGREES = 0.5
"""Overlap (IoU) with the coarse outline from which a fine one is of the same thing."""
SKY = 0.5
"""Probability from which Depth Anything 3 means sky, which is farthest."""


def watched(on_step: Any) -> Any:
    """An `on_step` that also ends the work where the user pressed cancel."""
    import comfy.model_management

    def step(done: int, total: int) -> None:
        comfy.model_management.throw_exception_if_processing_interrupted()
        if on_step is not None:
            on_step(done, total)

    return step


def tensor_of(pixels: np.ndarray) -> Any:
    """IMAGE [1, H, W, 3] of a picture uint8 [H, W, 3]."""
    import torch

    return torch.from_numpy(pixels.astype(np.float32) / 255)[None]


class _Eyes:
    """What looks at pictures with a network; what it saw in them is remembered for as long as it lives."""

    name = ""

    def __init__(self) -> None:
        self._owner = new_owner()

    def __repr__(self) -> str:
        return self.name

    def __del__(self) -> None:
        SHARED.forget(getattr(self, "_owner", -1))


# ------------------------------------------------------------------------------------------------------------- SAM 3


class CoreSam3(_Eyes):
    """SAM 3 (Carion et al., arXiv 2511.16719) as a `Detector` and a `Segmenter`: words and boxes to outlines.

    A picture is encoded once, whatever is asked about it later. What `detect` found, `segment` outlines from the mask
    that came with it, with the network's own finer decoder; any other box is taken as a prompt.

    Args:
        model: a ComfyUI MODEL; clip: the text encoder of the same checkpoint. threshold: least score, in [0, 1].
    """

    name = "sam3"

    def __init__(self, model: Any, clip: Any, threshold: float = 0.4) -> None:
        super().__init__()
        self.model = model
        self.clip = clip
        self.threshold = threshold
        self.encodings = 0
        """How often a picture was encoded."""
        self._words: dict[str, tuple[Any, Any]] = {}
        self._coarse: OrderedDict[str, dict[Box, Any]] = OrderedDict()

    def detect(self, image: np.ndarray, labels: Sequence[str], on_step: Any = None) -> list[Detection]:
        """What of the labels is there, the surest first."""
        pixels = as_bytes(image)
        key = content_key(pixels)
        asked = clean_labels(labels)
        words = [self._encoded_words(label) for label in asked]
        detections: list[Detection] = []
        with self._ready(pixels, on_step and part_of_work(on_step, 0, 40)) as (network, frame):
            for number, (label, (text, mask)) in enumerate(zip(asked, words, strict=True)):
                watched(on_step and part_of_work(on_step, 40, 100))(number, len(asked))
                answer = network(frame, text_embeddings=text.to(frame), text_mask=mask.to(frame.device))
                detections += self._kept(label, answer, key, *pixels.shape[:2])
        return merged(detections)

    def segment(self, image: np.ndarray, boxes: Sequence[Box], on_step: Any = None) -> list[Mask]:
        """One mask of the image's size for each box; an empty one where nothing is found in it."""
        pixels = as_bytes(image)
        height, width = pixels.shape[:2]
        coarse = self._coarse.get(content_key(pixels), {})
        masks = []
        with self._ready(pixels, on_step and part_of_work(on_step, 0, 40)) as (network, frame):
            for number, box in enumerate(boxes):
                watched(on_step and part_of_work(on_step, 40, 100))(number, len(boxes))
                if box in coarse:
                    masks.append(self._refined(network, frame, coarse[box], height, width))
                else:
                    prompt = _corners(box, frame, height, width)
                    masks.append(outline(network.forward_segment(frame, box_inputs=prompt), height, width))
        return masks

    # --------------------------------------------------------------------------------------------------- helpers

    @contextmanager
    def _ready(self, pixels: np.ndarray, on_step: Any) -> Iterator[tuple[Any, Any]]:
        """The network, loaded, and the picture as it takes it; within, the picture's encoding is remembered."""
        import comfy.model_management
        import comfy.utils
        import torch

        comfy.model_management.load_model_gpu(self.model)
        network = self.model.model.diffusion_model
        place, dtype = comfy.model_management.get_torch_device(), self.model.model.get_dtype()
        # as the core's own node does it
        frame = comfy.utils.common_upscale(tensor_of(pixels).movedim(-1, 1), SIDE, SIDE, "bilinear", crop="disabled")
        frame = frame.to(device=place, dtype=dtype)
        trunk = network.detector.backbone["vision_backbone"].trunk

        def encode() -> Any:
            self.encodings += 1
            with counted(trunk, watched(on_step)):
                return trunk(frame).to("cpu")

        with torch.inference_mode():
            kept = SHARED.get(self._owner, (content_key(pixels), str(dtype)), encode)
            encoding = moved(kept, place)
            # for the time of these questions, and for this network alone, its image side knows the answer
            trunk.forward = lambda *_, **__: encoding
            try:
                yield network, frame
            finally:
                del trunk.forward

    def _encoded_words(self, label: str) -> tuple[Any, Any]:
        """(embeddings [1, T, D], which of them are words [1, T]) of a label."""
        import torch

        if label not in self._words:
            # commas part prompts, and colons count things, for the core's tokenizer
            plain = " ".join(label.translate(str.maketrans(",:()", "    ")).split())
            encoded = self.clip.encode_from_tokens(self.clip.tokenize(plain), return_dict=True)
            text, mask = encoded["cond"], encoded.get("attention_mask")
            self._words[label] = text, torch.ones(text.shape[:2], dtype=torch.int64) if mask is None else mask
        return self._words[label]

    def _kept(self, label: str, answer: dict[str, Any], key: str, height: int, width: int) -> list[Detection]:
        """The detections of one label; their coarse masks are kept for `segment`."""
        scores = answer["scores"][0].float().sigmoid()
        if answer.get("presence") is not None:
            # whether the thing is in the picture at all is asked of the network once, for all of its boxes
            scores = scores * answer["presence"][0].float().sigmoid()
        places = self._coarse.setdefault(key, {})
        self._coarse.move_to_end(key)
        while len(self._coarse) > PICTURES:
            self._coarse.popitem(last=False)
        detections = []
        boxes = answer["boxes"][0].float().cpu().numpy() * (width, height, width, height)
        for k in (scores > self.threshold).nonzero().flatten().tolist():
            box = whole_pixels(boxes[k], width, height)
            if box is not None:
                detections.append(Detection(label, float(scores[k]), box))
                places[box] = answer["masks"][0, k].float().cpu()
        return detections

    def _refined(self, network: Any, frame: Any, coarse: Any, height: int, width: int) -> Mask:
        import torch

        logits = coarse.to(frame)[None, None]
        rough = outline(logits, height, width)
        prompt = torch.nn.functional.interpolate(logits, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
        fine = outline(network.forward_segment(frame, mask_inputs=prompt), height, width)
        return fine if not fine.is_empty and fine.iou(rough) >= AGREES else rough


def outline(logits: Any, height: int, width: int) -> Mask:
    """The mask of logits [1, 1, h, w], scaled to the image."""
    import torch

    logits = torch.nn.functional.interpolate(logits.float(), (height, width), mode="bilinear", align_corners=False)
    return Mask.from_array((logits[0, 0] > 0).cpu().numpy())


def _corners(box: Box, frame: Any, height: int, width: int) -> Any:
    import torch

    corners = [[[box.x0 / width * SIDE, box.y0 / height * SIDE], [box.x1 / width * SIDE, box.y1 / height * SIDE]]]
    return torch.tensor(corners, device=frame.device, dtype=frame.dtype)


# ----------------------------------------------------------------------------------------------------------- RT-DETR

ALIASES = {
    **dict.fromkeys(("man", "woman", "boy", "girl", "child", "baby", "human"), "person"),
    "sofa": "couch",
    "television": "tv",
    "monitor": "tv",
    "mobile phone": "cell phone",
    "phone": "cell phone",
    "plane": "airplane",
    "aeroplane": "airplane",
    "motorbike": "motorcycle",
    "bike": "bicycle",
    "mug": "cup",
    "table": "dining table",
    "plant": "potted plant",
    "fridge": "refrigerator",
    "doughnut": "donut",
    "remote control": "remote",
    "computer mouse": "mouse",
    "purse": "handbag",
    "bag": "handbag",
    "ball": "sports ball",
}
"""What people call things, and what COCO's classes are called."""


class CoreRtdetr(_Eyes):
    """RT-DETR as a `Detector`: quick, and it knows the eighty things of COCO. A picture is looked at once.

    Args:
        model: a ComfyUI MODEL; threshold: least score, in [0, 1].
    """

    name = "rt-detr"

    def __init__(self, model: Any, threshold: float = 0.4) -> None:
        super().__init__()
        self.model = model
        self.threshold = threshold
        self.looks = 0
        """How often a picture was looked at."""
        self._unknown: list[str] = []

    def take_remarks(self) -> list[str]:
        """What it cannot look for, of what was asked since the last call."""
        unknown, self._unknown = list(dict.fromkeys(self._unknown)), []
        if not unknown:
            return []
        return [f"RT-DETR knows COCO's eighty things alone, and does not look for {', '.join(unknown)}."]

    def detect(self, image: np.ndarray, labels: Sequence[str], on_step: Any = None) -> list[Detection]:
        """What of the labels is there, the surest first."""
        pixels = as_bytes(image)
        height, width = pixels.shape[:2]
        known = set(_coco())
        asked: dict[str, str] = {}
        for label in clean_labels(labels):
            name = coco_name(label, known)
            if name is None:
                self._unknown.append(label)
            else:
                asked.setdefault(name, label)
        watched(on_step)(0, 1)
        detections = []
        for box in SHARED.get(self._owner, content_key(pixels), lambda: self._look(pixels)):
            x, y = box["x"], box["y"]
            place = whole_pixels((x, y, x + box["width"], y + box["height"]), width, height)
            if box["label"] in asked and place is not None:
                detections.append(Detection(asked[box["label"]], min(1.0, box["score"]), place))
        watched(on_step)(1, 1)
        return merged(detections)

    def _look(self, pixels: np.ndarray) -> list[dict[str, Any]]:
        self.looks += 1
        return core_node("RTDETR_detect")(self.model, tensor_of(pixels), self.threshold, "all", 300)[0]


def _coco() -> Sequence[str]:
    from comfy.ldm.rt_detr.rtdetr_v4 import COCO_CLASSES

    return COCO_CLASSES


def coco_name(label: str, known: set[str]) -> str | None:
    """COCO's name of what a label says: "red cups" is a "cup", a "woman" a "person"; None where it has none."""
    words = label.lower().split()
    for first in range(len(words)):
        name = " ".join((*words[first:-1], singular(words[-1])))
        name = ALIASES.get(name, name)
        if name in known:
            return name
    return None


# ------------------------------------------------------------------------------------------------------------- depth


class CoreDepth(_Eyes):
    """Depth Anything 3 or MoGe as a `DepthEstimator`.

    Args:
        model: a DA3_MODEL or a MOGE_MODEL of ComfyUI.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.is_moge = hasattr(model, "infer")
        self.name = "moge" if self.is_moge else "depth-anything-3"

    def depth(self, image: np.ndarray, on_step: Any = None) -> np.ndarray:
        """float32 [H, W], 0 nearest … 1 farthest."""
        pixels = as_bytes(image)
        watched(on_step)(0, 1)
        far = SHARED.get(self._owner, content_key(pixels), lambda: self._look(tensor_of(pixels)))
        watched(on_step)(1, 1)
        return far

    def _look(self, image: Any) -> np.ndarray:
        if self.is_moge:
            depth = core_node("MoGeInference")(self.model, image, 9, 0.0, 1, True, True)
        else:
            depth = core_node("DA3Inference")(self.model, image, 504, "upper_bound_resize", {"mode": "mono"})
        far = np.array(depth["depth"][0].float().cpu(), dtype=np.float32)
        if "sky" in depth:
            far[(depth["sky"][0] >= SKY).cpu().numpy()] = np.inf
        # both predict how far things are: larger is farther
        return far_from(far, metric=True)


class PictureDepth:
    """A depth picture that another node made, as a `DepthEstimator` of the photo that it belongs to.

    Args:
        pictures: float32 [h, w, 3] each, bright is near; one for all photos, or one for each in their order.
    """

    name = "depth picture"

    def __init__(self, pictures: Sequence[np.ndarray]) -> None:
        self.pictures = list(pictures)

    def __repr__(self) -> str:
        return self.name

    def of(self, number: int, count: int) -> PictureDepth:
        """That of one photo among several.

        Raises:
            ValueError: where there is neither one for all nor one for each.
        """
        return PictureDepth([PerImage(self.pictures).spread(count, "depth pictures")[number]])

    def depth(self, image: np.ndarray, on_step: Any = None) -> np.ndarray:
        """float32 [H, W], 0 nearest … 1 farthest."""
        return far_from(nearest(self.pictures[0].mean(axis=-1), *image.shape[:2]))


def core_node(name: str) -> Any:
    """A node of the core as a function that gives its first output: what it does, it does for us as well."""
    import sys

    # ComfyUI's own module, which is named as this pack's folder is
    kind = sys.modules["nodes"].NODE_CLASS_MAPPINGS.get(name)
    if kind is None:
        raise ValueError(f"This ComfyUI has no node '{name}'; update it.")
    return lambda *values: kind.execute(*values).args[0]


__all__ = ["CoreDepth", "CoreRtdetr", "CoreSam3", "PictureDepth", "coco_name"]

"""Detectors through transformers: OWLv2 and GroundingDINO.

GroundingDINO comes from transformers and not from the `groundingdino` package: that one fails on transformers 5 and
pins a second OpenCV, and the network is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...core.progress import share_of
from ...core.scene import OnStep
from ..protocols import Detection
from ..suppress import merged, whole_pixels
from .devices import Networked, as_bytes, import_torch, processed, widened

STRIDE = 32
"""Pixels for one cell of the coarsest grid of GroundingDINO's backbone."""
NEAR_BEST = 0.5
"""A label is an alternative where its score is at least this share of the best one's for the same box."""


class Owlv2Detector(Networked):
    """OWLv2 (Minderer et al., arXiv 2306.09683) through transformers.

    Args:
        module: `Owlv2ForObjectDetection`; processor: its `Owlv2Processor`.
        threshold: the least score of a detection, in [0, 1].
        placement: device, dtype, offload, cache of `Network`.
    """

    def __init__(
        self, module: Any, processor: Any, threshold: float = 0.2, name: str = "owlv2", **placement: Any
    ) -> None:
        super().__init__(module, name, **placement)
        self.processor = processor
        self.threshold = threshold

    def detect(self, image: np.ndarray, labels: Sequence[str], on_step: OnStep | None = None) -> list[Detection]:
        """What of the labels is there, the surest first.

        Raises:
            ModelError: where it does not fit into memory.
        """
        asked = clean_labels(labels)
        if not asked:
            return []
        pixels = as_bytes(image)
        boxes, scores = self.network.run(lambda: self._scores(pixels, asked), on_step)
        height, width = pixels.shape[:2]
        # the image was padded to a square at the right and at the bottom: both axes scale by its longer side
        boxes = corners(boxes) * max(height, width)
        return merged(_chosen(boxes, scores, scores, asked, self.threshold, self.threshold, width, height))

    def _scores(self, pixels: np.ndarray, labels: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Boxes float32 [N, 4] (centre and size, in shares of the square) and the score of each label [N, L]."""
        torch = import_torch()
        module = self.network.module
        features, boxes = self.network.encoded(pixels, lambda: self._image_side(pixels))
        words = self.network.remembered(("labels", tuple(labels)), lambda: self._text_side(labels))
        logits, _ = module.class_predictor(features, words[None])
        return boxes[0].float().cpu().numpy(), torch.sigmoid(logits[0].float()).cpu().numpy()

    def _image_side(self, pixels: np.ndarray) -> tuple[Any, Any]:
        """Features [1, N, D] and boxes [1, N, 4]: neither depends on the labels."""
        module = self.network.module
        values = processed(self.processor.image_processor, pixels)["pixel_values"]
        grid, _ = module.image_embedder(values.to(self.network.place, self.network.dtype))
        features = grid.reshape(1, -1, grid.shape[-1])
        return features, module.box_predictor(features, grid)

    def _text_side(self, labels: list[str]) -> Any:
        """Embeddings of the labels [L, D], of length 1 as in the model's own forward pass."""
        tokenizer = self.processor.tokenizer
        longest = self.network.module.config.text_config.max_position_embeddings
        tokens = tokenizer(
            # the authors' prompts are of this kind
            [f"a photo of a {label}" for label in labels],
            padding="max_length",
            truncation=True,
            max_length=longest,
            return_tensors="pt",
        )
        place = self.network.place
        features = self.network.module.owlv2.get_text_features(
            input_ids=tokens["input_ids"].to(place), attention_mask=tokens["attention_mask"].to(place)
        )
        words = getattr(features, "pooler_output", features)
        return words / words.norm(p=2, dim=-1, keepdim=True)


class GroundingDinoDetector(Networked):
    """GroundingDINO (Liu et al., arXiv 2303.05499) through transformers.

    The backbone is the part of its image side that does not depend on the labels; the encoder after it mixes picture
    and words, and runs for each caption.

    Args:
        module: `GroundingDinoForObjectDetection`; processor: its `GroundingDinoProcessor`.
        threshold: the least score of a detection; word_threshold: the least mean score of its label's words.
        placement: device, dtype, offload, cache of `Network`. Single precision, if nothing is said.
    """

    def __init__(
        self,
        module: Any,
        processor: Any,
        threshold: float = 0.3,
        word_threshold: float = 0.25,
        name: str = "grounding-dino",
        **placement: Any,
    ) -> None:
        # its positions and proposals pass through sigmoids and logarithms that half precision rounds away
        placement["dtype"] = placement.get("dtype") or "float32"
        super().__init__(module, name, **placement)
        self.processor = processor
        self.threshold = threshold
        self.word_threshold = word_threshold

    def detect(self, image: np.ndarray, labels: Sequence[str], on_step: OnStep | None = None) -> list[Detection]:
        """What of the labels is there, the surest first; asked in captions of as many labels as the text tower reads.

        Raises:
            ModelError: where it does not fit into memory.
        """
        asked = clean_labels(labels)
        pixels = as_bytes(image)
        height, width = pixels.shape[:2]
        detections: list[Detection] = []
        groups = list(self.captions(asked))
        for number, (ids, spans) in enumerate(groups):
            step = share_of(on_step, number, len(groups))
            boxes, tokens = self.network.run(lambda ids=ids: self._token_scores(pixels, ids), step)
            best = np.stack([tokens[:, first:last].max(axis=1) for first, last in spans.values()], axis=1)
            mean = np.stack([tokens[:, first:last].mean(axis=1) for first, last in spans.values()], axis=1)
            boxes = corners(boxes) * (width, height, width, height)
            detections += _chosen(boxes, best, mean, list(spans), self.threshold, self.word_threshold, width, height)
        return merged(detections)

    def captions(self, labels: Sequence[str]) -> Iterator[tuple[list[int], dict[str, tuple[int, int]]]]:
        """Captions "cup. traffic light." as token ids, each with the tokens [first, last) of each label.

        As many labels in a caption as the model reads: it cuts what is longer, and says nothing.
        """
        tokenizer = self.processor.tokenizer
        longest = min(self.network.module.config.max_text_len, tokenizer.model_max_length)
        stop = tokenizer.convert_tokens_to_ids(".")
        ids, spans = [tokenizer.cls_token_id], {}
        for label in labels:
            # a full stop ends a label for the model
            words = tokenizer(label.lower().replace(".", " "), add_special_tokens=False)["input_ids"]
            words = words[: longest - 3]
            if not words:
                continue
            if len(ids) + len(words) + 2 > longest:
                yield [*ids, tokenizer.sep_token_id], spans
                ids, spans = [tokenizer.cls_token_id], {}
            spans[label] = (len(ids), len(ids) + len(words))
            ids = [*ids, *words, stop]
        if spans:
            yield [*ids, tokenizer.sep_token_id], spans

    def _token_scores(self, pixels: np.ndarray, ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Boxes float32 [N, 4] (centre and size, in shares of the image) and the score of each token [N, T]."""
        torch = import_torch()
        module, place = self.network.module, self.network.place
        image = self.network.encoded(pixels, lambda: self._image_side(pixels))
        tokens = torch.tensor([ids], device=place)
        with _remembering(module.model.backbone, image["features"]):
            output = module(
                pixel_values=image["values"],
                pixel_mask=image["mask"],
                input_ids=tokens,
                token_type_ids=torch.zeros_like(tokens),
                attention_mask=torch.ones_like(tokens),
            )
        # beyond the caption's tokens the logits are minus infinity
        scores = torch.sigmoid(output.logits[0, :, : len(ids)].float())
        return output.pred_boxes[0].float().cpu().numpy(), scores.cpu().numpy()

    def _image_side(self, pixels: np.ndarray) -> dict[str, Any]:
        size = self.processor.image_processor.size
        longest = max(size["longest_edge"] if "longest_edge" in size else size["width"], STRIDE)
        inputs = processed(self.processor.image_processor, widened(pixels, STRIDE / longest))
        values = inputs["pixel_values"].to(self.network.place, self.network.dtype)
        mask = inputs["pixel_mask"].to(self.network.place)
        return {"values": values, "mask": mask, "features": self.network.module.model.backbone(values, mask)}


@contextmanager
def _remembering(backbone: Any, features: Any) -> Iterator[None]:
    """A backbone that gives what it gave before; its caller appends to the lists, so each call gets new ones."""
    backbone.forward = lambda *_, **__: tuple(list(part) for part in features)
    try:
        yield
    finally:
        del backbone.forward


# ----------------------------------------------------------------------------------------------------------- helpers


def clean_labels(labels: Sequence[str]) -> list[str]:
    """Labels without blanks around them, empty ones and doubles, in their order."""
    return list(dict.fromkeys(label.strip() for label in labels if label.strip()))


def corners(boxes: np.ndarray) -> np.ndarray:
    """[N, 4] as (centre x, centre y, width, height) -> (x0, y0, x1, y1), float64."""
    x, y, width, height = boxes.astype(np.float64).T
    return np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)


def _chosen(
    boxes: np.ndarray,
    scores: np.ndarray,
    ranking: np.ndarray,
    labels: Sequence[str],
    threshold: float,
    least_ranking: float,
    width: int,
    height: int,
) -> list[Detection]:
    """Detections from boxes [N, 4] in pixels and the labels' scores [N, L]; `ranking` [N, L] says which label it is."""
    detections = []
    for k in np.flatnonzero(scores.max(axis=1, initial=0) > threshold):
        order = np.argsort(-ranking[k], kind="stable")
        best = int(order[0])
        box = whole_pixels(boxes[k], width, height)
        if box is None or ranking[k, best] <= least_ranking or scores[k, best] <= threshold:
            continue
        near = [int(j) for j in order[1:] if ranking[k, j] > max(least_ranking, NEAR_BEST * ranking[k, best])]
        detections.append(
            Detection(labels[best], float(min(scores[k, best], 1.0)), box, tuple(labels[j] for j in near))
        )
    return detections

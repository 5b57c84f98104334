"""Asks what comes on the LLM socket one thing, and tells all about the answer."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from json import dumps, loads

import numpy as np

from .base import Node, OfAnyType


@contextmanager
def missing(package):
    """As where a package is not installed."""
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == package}
    if package:
        sys.modules[package] = None
    try:
        yield
    finally:
        sys.modules.pop(package, None)
        sys.modules.update(hidden)


class Ask(Node):
    """`request` is JSON: messages, schema, and `weigh` for the first token's probabilities."""

    NEEDED = {"llm": ("CIELR_LLM",), "request": ("STRING", {"multiline": True})}
    OPTIONAL = {"image": ("IMAGE",)}

    def run(self, llm, request, image=None):
        asked = loads(request)
        chat = llm.chat()
        pieces = []
        images = [] if image is None else [png(image[0])]
        with missing(asked.get("without")):
            text = self._said(chat, asked, images, pieces)
        names = ("mode", "cut", "prompt_tokens", "answer_tokens", "first")
        told = {name: getattr(chat.last, name) for name in names}
        told |= {"text": text, "streamed": "".join(pieces), "sees": chat.sees(), "name": chat.name}
        told |= {"billions": chat.billions(), "restored": "sample_token" not in vars(chat.language.network)}
        return {"ui": {"told": [dumps(told)]}}

    def _said(self, chat, asked, images, pieces):
        if asked.get("weigh"):
            return chat.weigh(asked["messages"]).text
        return chat.complete(asked["messages"], asked["schema"], images, pieces.append)


class Looks(OfAnyType):
    """Detects once more, on the same eyes, and tells what came of it and how often a picture was looked at by then."""

    NEEDED = {"detector": ("CIELR_DETECTOR",), "image": ("IMAGE",), "labels": ("STRING", {}), "after": ("*",)}
    OPTIONAL = {"segmenter": ("CIELR_SEGMENTER",)}

    def run(self, detector, image, labels, after, segmenter=None):
        frame = image[0].numpy()
        steps = []
        found = detector.detect(frame, labels.split(", "), lambda done, total: steps.append((done, total)))
        told = {"found": [[one.label, one.score, list(one.box.corners)] for one in found], "steps": len(steps)}
        told["looks"] = getattr(detector, "encodings", None) or getattr(detector, "looks", None)
        told["remarks"] = detector.take_remarks() if hasattr(detector, "take_remarks") else []
        if segmenter is not None:
            boxes = [one.box for one in found]
            masks = segmenter.segment(frame, [*boxes, boxes[0].grow(3)])
            told["areas"] = [mask.area for mask in masks]
            told["looks"] = segmenter.encodings
        return {"ui": {"told": [dumps(told)]}}


class Value(Node):
    """Anything that JSON can say, for sockets of any type."""

    NEEDED = {"json": ("STRING", {"multiline": True})}
    RETURN_TYPES = ("*",)

    def run(self, json):
        return (loads(json),)


class Segs(Node):
    """Reads SEGS by the names that the Impact pack's nodes use, and puts each crop back."""

    NEEDED = {"segs": ("SEGS",)}

    def run(self, segs):
        shape, segments = segs
        told = {"shape": list(shape), "labels": [], "boxes": [], "areas": []}
        for one in segments:
            x0, y0, x1, y1 = one.crop_region
            whole = np.zeros(shape, np.float32)
            whole[y0:y1, x0:x1] = one.cropped_mask
            told["labels"].append(one.label)
            told["boxes"].append([int(value) for value in one.bbox])
            told["areas"].append(int(whole.sum()))
        return {"ui": {"told": [dumps(told)]}}


def png(picture):
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray((picture.numpy() * 255).astype("uint8")).save(file, "PNG")
    return file.getvalue()

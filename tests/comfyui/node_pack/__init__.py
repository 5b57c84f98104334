"""Nodes of the tests alone: arrays in and out of a graph, bit for bit, and every shape that other packs give."""

from __future__ import annotations

import os
import sys
import time
import types

import folder_paths
import numpy as np
import torch

from .ask import Ask, Looks, Segs, Value
from .base import Node, OfAnyType
from .colour_eyes import ColourPainter, ColourView
from .tiny_models import TinyControl, TinyModel


class Array(Node):
    """An .npy file of the input folder: "image" [B, H, W, C] or "mask" of any shape."""

    NEEDED = {"file": ("STRING", {})}
    RETURN_TYPES = ("IMAGE", "MASK")

    def run(self, file):
        array = torch.from_numpy(np.load(os.path.join(folder_paths.get_input_directory(), file)))
        return (array, array)


class Split(Node):
    """A batch as a list of single images."""

    NEEDED = {"image": ("IMAGE",)}
    RETURN_TYPES = ("IMAGE",)
    OUTPUT_IS_LIST = (True,)

    def run(self, image):
        return ([one[None] for one in image],)


class Join(Node):
    """Two images, of any sizes, as a list."""

    NEEDED = {"one": ("IMAGE",), "two": ("IMAGE",)}
    RETURN_TYPES = ("IMAGE",)
    OUTPUT_IS_LIST = (True,)

    def run(self, one, two):
        return ([one, two],)


class KeepEach(OfAnyType):
    """Writes each array that it gets as .npy."""

    NEEDED = {"image": ("IMAGE,MASK",)}
    INPUT_IS_LIST = True

    def run(self, image):
        return {"ui": {"arrays": [self._written(one) for one in image]}}

    def _written(self, tensor):
        folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(
            "cielr_test", folder_paths.get_output_directory()
        )
        file = f"{name}_{counter:05}_{os.urandom(4).hex()}.npy"
        np.save(os.path.join(folder, file), tensor.cpu().numpy())
        return {"filename": file, "subfolder": subfolder, "type": "output"}


class Keep(KeepEach):
    """Writes what it gets as one .npy: a list is joined to a batch."""

    def run(self, image):
        return {"ui": {"arrays": [self._written(torch.cat(list(image)))]}}


class Tell(OfAnyType):
    """Shows the text of any value in the history."""

    NEEDED = {"value": ("*",)}

    def run(self, value):
        return {"ui": {"told": [str(value)]}}


class Wait(OfAnyType):
    """Gives on what it gets, after a while, or when a file by that name is in the input folder."""

    NEEDED = {"value": ("*",), "seconds": ("FLOAT", {"default": 0.0})}
    OPTIONAL = {"until": ("STRING", {"default": ""})}
    RETURN_TYPES = ("*",)

    def run(self, value, seconds, until=""):
        end = time.monotonic() + seconds
        sign = os.path.join(folder_paths.get_input_directory(), until) if until else ""
        while time.monotonic() < end and not (sign and os.path.exists(sign)):
            time.sleep(0.05)
        return (value,)


class Text(Node):
    """A text by link."""

    NEEDED = {"text": ("STRING", {"multiline": True})}
    # the server lets nothing but this into a list of choices
    RETURN_TYPES = ("*",)

    def run(self, text):
        return (text,)


class Eyes(Node):
    """Perception models for the sockets of Scene Parse: boxes found, outlines drawn, depth from left to right."""

    NEEDED = {"boxes": ("STRING", {"multiline": True})}
    RETURN_TYPES = ("CIELR_DETECTOR", "CIELR_SEGMENTER", "CIELR_DEPTH")

    def run(self, boxes):
        return (Finder(boxes), Outliner(), Slope())


class Model:
    name = "scripted"

    def __repr__(self):
        return self.name


class Finder(Model):
    """Finds what each line says: "label x0 y0 x1 y1"."""

    def __init__(self, boxes):
        self.lines = [line.split() for line in boxes.splitlines()]

    def detect(self, image, labels, on_step=None):
        engine = engine_modules()
        found = [(label, engine.geometry.Box(*map(int, corners))) for label, *corners in self.lines]
        return [engine.protocols.Detection(label, 0.9, box) for label, box in found if label in labels]


class Outliner(Model):
    """The ellipse in each box."""

    def segment(self, image, boxes, on_step=None):
        height, width = image.shape[:2]
        rows, columns = np.mgrid[:height, :width]
        masks = []
        for box in boxes:
            (x, y), (w, h) = box.center, (box.width / 2, box.height / 2)
            inside = ((columns + 0.5 - x) / w) ** 2 + ((rows + 0.5 - y) / h) ** 2 <= 1
            masks.append(engine_modules().geometry.Mask.from_array(inside))
        return masks


class Slope(Model):
    """The left edge is nearest."""

    def depth(self, image, on_step=None):
        height, width = image.shape[:2]
        return np.broadcast_to(np.linspace(0, 1, width, dtype=np.float32), (height, width)).copy()


def engine_modules():
    """The engine as the pack under test has it loaded: another copy would have other types."""
    name = next(name for name in sys.modules if name.endswith(".cielr.perception.protocols"))
    package = name.removesuffix(".perception.protocols")
    return types.SimpleNamespace(protocols=sys.modules[name], geometry=sys.modules[f"{package}.core.geometry"])


class Painter(Node):
    """An inpainter for the INPAINTER socket that paints one grey, whatever it is asked for."""

    NEEDED = {"grey": ("FLOAT", {"default": 0.5})}
    RETURN_TYPES = ("CIELR_INPAINTER",)

    def run(self, grey):
        return (Grey(grey),)


class Grey:
    def __init__(self, grey):
        self.grey = grey

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        return np.full_like(image, self.grey)


class Seeded(Node):
    """An inpainter that paints grain by its seed."""

    RETURN_TYPES = ("CIELR_INPAINTER",)

    def run(self):
        return (Grain(),)


class Grain:
    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        return np.random.default_rng(seed).random(image.shape, dtype=np.float32)


class Counting(Node):
    """An inpainter that paints another grey each time that it is called, so that whatever is painted anew shows."""

    NEEDED = {"name": ("STRING", {})}
    RETURN_TYPES = ("CIELR_INPAINTER",)

    def run(self, name):
        return (Count(),)


class Count:
    calls = 0

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        Count.calls += 1
        # what lies around is left, or the shift in colour would be undone
        return np.where(mask[..., None] > 0, np.float32(0.2 + 0.001 * Count.calls), image).astype(image.dtype)


class ColourEyes(Node):
    """Eyes and a painter that know each label by a flat colour of its own."""

    NEEDED = {"image": ("IMAGE",)}
    OPTIONAL = {"fails": ("INT", {"default": 0})}
    RETURN_TYPES = ("CIELR_PERCEPTION", "CIELR_INPAINTER")

    def run(self, image, fails=0):
        return ([ColourView(frame) for frame in image.numpy()], ColourPainter(fails))


class Chat(Node):
    """A language model for the LLM socket that says what it was told to say, one line an answer.

    No model can be had in the tests; this speaks the same protocol, and waits like one.
    """

    NEEDED = {"answers": ("STRING", {"multiline": True}), "seconds": ("FLOAT", {"default": 0.0})}
    OPTIONAL = {"sees": ("BOOLEAN", {"default": False})}
    RETURN_TYPES = ("CIELR_LLM",)

    def run(self, answers, seconds, sees=False):
        return (Scripted(answers.splitlines(), seconds, sees),)


class Scripted:
    name = "scripted"
    last = None

    def __init__(self, answers, seconds, sees):
        self.answers, self.seconds, self.seeing, self.given = answers, seconds, sees, 0

    def __repr__(self):
        return self.name

    def sees(self, cancelled=None):
        return self.seeing

    def complete(self, messages, schema, images=(), on_token=None, cancelled=None):
        until = time.monotonic() + self.seconds
        while time.monotonic() < until:
            if cancelled is not None and cancelled():
                raise RuntimeError("Cancelled.")
            time.sleep(0.1)
        answer = self.answers[min(self.given, len(self.answers) - 1)]
        self.given += 1
        if on_token is not None:
            on_token(answer)
        return answer

    def release(self):
        self.given = 0


class Held(OfAnyType):
    """Tells which networks ComfyUI holds loaded, before and after it was asked to free all memory.

    Works after what it is given: `after` is any output of the nodes that should have run.
    """

    NEEDED = {"after": ("*",)}

    @classmethod
    def IS_CHANGED(cls, **_):
        return float("nan")

    def run(self, after):
        import comfy.model_management as management

        before = self._loaded()
        management.free_memory(1e30, management.get_torch_device())
        return {"ui": {"before": before, "after": self._loaded()}}

    def _loaded(self):
        import comfy.model_management as management

        models = [one.model for one in management.current_loaded_models]
        return [type(getattr(one.model, "network", one.model)).__name__ for one in models if one is not None]


if os.environ.get("CIELR_TEST_SMALL"):
    from . import small_language, small_vision

    small_language.shrink()
    small_vision.shrink()

NODE_CLASS_MAPPINGS = {
    "CIELRTest_Ask": Ask,
    "CIELRTest_Looks": Looks,
    "CIELRTest_Segs": Segs,
    "CIELRTest_Value": Value,
    "CIELRTest_Held": Held,
    "CIELRTest_Chat": Chat,
    "CIELRTest_ColourEyes": ColourEyes,
    "CIELRTest_Array": Array,
    "CIELRTest_Split": Split,
    "CIELRTest_Counting": Counting,
    "CIELRTest_Eyes": Eyes,
    "CIELRTest_Join": Join,
    "CIELRTest_Keep": Keep,
    "CIELRTest_KeepEach": KeepEach,
    "CIELRTest_Painter": Painter,
    "CIELRTest_Seeded": Seeded,
    "CIELRTest_Tell": Tell,
    "CIELRTest_TinyModel": TinyModel,
    "CIELRTest_TinyControl": TinyControl,
    "CIELRTest_Text": Text,
    "CIELRTest_Wait": Wait,
}

"""Nodes of the tests alone: arrays in and out of a graph, bit for bit, and every shape that other packs give."""

from __future__ import annotations

import os

import folder_paths
import numpy as np
import torch


class Array:
    """An .npy file of the input folder: "image" [B, H, W, C] or "mask" of any shape."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"file": ("STRING", {})}}

    RETURN_TYPES = ("IMAGE", "MASK")
    FUNCTION = "load"
    CATEGORY = "CIELR/tests"

    def load(self, file):
        array = torch.from_numpy(np.load(os.path.join(folder_paths.get_input_directory(), file)))
        return (array, array)


class Split:
    """A batch as a list of single images."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",)}}

    RETURN_TYPES = ("IMAGE",)
    OUTPUT_IS_LIST = (True,)
    FUNCTION = "split"
    CATEGORY = "CIELR/tests"

    def split(self, image):
        return ([one[None] for one in image],)


class Join:
    """Two images, of any sizes, as a list."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"one": ("IMAGE",), "two": ("IMAGE",)}}

    RETURN_TYPES = ("IMAGE",)
    OUTPUT_IS_LIST = (True,)
    FUNCTION = "join"
    CATEGORY = "CIELR/tests"

    def join(self, one, two):
        return ([one, two],)


class KeepEach:
    """Writes each array that it gets as .npy."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE,MASK",)}}

    RETURN_TYPES = ()
    INPUT_IS_LIST = True
    OUTPUT_NODE = True
    FUNCTION = "keep"
    CATEGORY = "CIELR/tests"

    @classmethod
    def VALIDATE_INPUTS(cls, input_types):
        return True

    def keep(self, image):
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

    def keep(self, image):
        return {"ui": {"arrays": [self._written(torch.cat(list(image)))]}}


class Tell:
    """Shows the text of any value in the history."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",)}}

    RETURN_TYPES = ()
    OUTPUT_NODE = True
    FUNCTION = "tell"
    CATEGORY = "CIELR/tests"

    @classmethod
    def VALIDATE_INPUTS(cls, input_types):
        return True

    def tell(self, value):
        return {"ui": {"told": [str(value)]}}


NODE_CLASS_MAPPINGS = {
    "CIELRTest_Array": Array,
    "CIELRTest_Split": Split,
    "CIELRTest_Join": Join,
    "CIELRTest_Keep": Keep,
    "CIELRTest_KeepEach": KeepEach,
    "CIELRTest_Tell": Tell,
}

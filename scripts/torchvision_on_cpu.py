"""Lets a torchvision built for CUDA be imported beside a CPU-only torch; for test environments alone.

Its import registers shapes for operators that its CUDA library would define. Declared here first, they are found.
`scripts/comfyui_test.sh` puts this into the test venv, where a `.pth` file imports it at Python's start.
"""

import importlib.abc
import sys


class Declare(importlib.abc.MetaPathFinder):
    """Finds nothing itself: it acts when torchvision is about to be imported, so that other programs load no torch."""

    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            sys.meta_path.remove(self)
            import torch

            library = torch.library.Library("torchvision", "DEF")
            library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            # the declarations last as long as this object
            torch.cielr_torchvision_operators = library


sys.meta_path.insert(0, Declare())

"""Shared by all tests: nothing is downloaded, and a torchvision built for another torch does not break the rest."""

from __future__ import annotations

import gc
import importlib.util
import os
import signal
import sys
from pathlib import Path

import hypothesis
import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
if "PYTEST_XDIST_WORKER" in os.environ:
    # one worker a core: threads of its own, and those of the commands that it starts, would fight for them
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
# a machine that is busy is not a fault; fewer examples, always the same, are for `make mutants`
hypothesis.settings.register_profile("calm", deadline=None)
hypothesis.settings.register_profile("mutants", deadline=None, max_examples=25, derandomize=True, database=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "calm"))
# started in the background by a shell, this process ignores Ctrl-C, and with it every command that it starts
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, str(Path(__file__).parent / "support"))


# what is imported stays: to look through all of torch and transformers again and again is a tenth of the tests' time
gc.set_threshold(20_000, 20, 20)


def pytest_collection_finish():
    gc.freeze()


class _Torchvision:
    """Gives torchvision its two operators where its own binary does not load, as a CUDA wheel beside a CPU torch.

    Such a torchvision fails on import, and with it nearly every class of transformers. Works when torchvision is first
    imported, so that tests which need neither pay for neither.
    """

    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            sys.meta_path.remove(self)
            self._mend()

    @staticmethod
    def _mend() -> None:
        spec = importlib.util.find_spec("torchvision")
        if spec is None or spec.origin is None:
            return
        import torch

        if hasattr(torch.ops.torchvision, "nms"):
            return
        for library in Path(spec.origin).parent.glob("_C*.so"):
            try:
                torch.ops.load_library(str(library))
                return
            except OSError:
                pass
        operators = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            operators.impl(name, _suppressed, "CPU")
        _Torchvision.operators = operators


def _suppressed(boxes, scores, limit):
    """Greedy non-maximum suppression of boxes [N, 4]: the kept indices, the best first."""
    import torch

    order = scores.argsort(descending=True, stable=True).tolist()
    kept = []
    for k in order:
        for j in kept:
            low, high = torch.maximum(boxes[k, :2], boxes[j, :2]), torch.minimum(boxes[k, 2:], boxes[j, 2:])
            shared = (high - low).clamp(min=0).prod()
            areas = (boxes[k, 2:] - boxes[k, :2]).prod() + (boxes[j, 2:] - boxes[j, :2]).prod()
            if shared > limit * (areas - shared):
                break
        else:
            kept.append(k)
    return torch.tensor(kept, dtype=torch.int64)


sys.meta_path.insert(0, _Torchvision())


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """`tiny("owlv2")` is the folder of a tiny model of that class, made when it is first asked for."""
    import tiny_models
    import torch

    # networks this small lose more by sharing their work out than they win
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("tiny-models")

    def folder(name: str) -> Path:
        if name == "sam-file":
            file = root / "sam_vit_tiny.pth"
            return file if file.exists() else tiny_models.sam_file(file)
        return root / name if (root / name).exists() else tiny_models.MAKERS[name](root / name)

    return folder


@pytest.fixture(scope="session")
def tiny_pipeline(tmp_path_factory):
    """`tiny_pipeline("sd15")` is the folder of a tiny diffusers pipeline of that family, made once."""
    import tiny_pipelines

    root = tmp_path_factory.mktemp("tiny-pipelines")

    def folder(name: str) -> Path:
        return root / name if (root / name).exists() else Path(tiny_pipelines.save(name, root / name))

    return folder

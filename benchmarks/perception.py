"""Five rounds of questions about one photo: the image side of each model once, beside the same work without the cache.

Networks of real size with random weights: read seconds and ratios, not what they see. Seconds are the processor's, of
both threads together: what else the machine does hardly touches them. Each line is a process of its own, so that one's
memory is not another's. `--all` adds the slowest two, GroundingDINO and SAM ViT-B.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from _measure import ROOT, megabytes, table

ROUNDS = 5
AT_MOST = 1.15
"""Image side of all rounds over that of one."""
SIZE = (768, 1024)
LABELS = [["coin"], ["cup", "spoon"], ["plate"], ["dog", "person"], ["table"]]


# ------------------------------------------------------------------------------------------------ models of real size


def owlv2() -> Any:
    import tiny_models
    from transformers import Owlv2Config, Owlv2ForObjectDetection, Owlv2ImageProcessor, Owlv2Processor

    from cielr.perception.models.detectors import Owlv2Detector

    config = Owlv2Config(vision_config={"image_size": 960, "patch_size": 16})
    processor = Owlv2Processor(Owlv2ImageProcessor(), tiny_models.clip_tokenizer())
    return Owlv2Detector(Owlv2ForObjectDetection(config), processor, device="cpu", threshold=0.9)


def grounding_dino() -> Any:
    import tiny_models
    from transformers import (
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
    )

    from cielr.perception.models.detectors import GroundingDinoDetector

    module = GroundingDinoForObjectDetection(GroundingDinoConfig())
    processor = GroundingDinoProcessor(GroundingDinoImageProcessor(), tiny_models.bert_tokenizer())
    return GroundingDinoDetector(module, processor, device="cpu", threshold=0.9)


def sam() -> Any:
    from transformers import SamConfig, SamImageProcessor, SamModel

    from cielr.perception.models.segmenters import SamSegmenter

    return SamSegmenter(SamModel(SamConfig()), SamImageProcessor(), device="cpu")


def sam2() -> Any:
    from transformers import Sam2Config, Sam2ImageProcessor, Sam2Model

    from cielr.perception.models.segmenters import TransformersSegmenter

    return TransformersSegmenter(Sam2Model(Sam2Config()), Sam2ImageProcessor(), device="cpu")


def depth() -> Any:
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, DPTImageProcessor

    from cielr.perception.models.depth import DepthAnything

    images = DPTImageProcessor(
        size={"height": 518, "width": 518}, keep_aspect_ratio=True, ensure_multiple_of=14, resample=3
    )
    return DepthAnything(DepthAnythingForDepthEstimation(DepthAnythingConfig()), images, device="cpu")


MODELS: dict[str, tuple[str, Callable[[], Any], bool]] = {
    "owlv2": ("OWLv2 base/16", owlv2, False),
    "sam2": ("SAM 2.1 hiera-tiny", sam2, False),
    "depth": ("Depth Anything V2 small", depth, False),
    "grounding-dino": ("GroundingDINO tiny", grounding_dino, True),
    "sam": ("SAM ViT-B", sam, True),
}
"""Name -> (title, maker, only with --all)."""


# ---------------------------------------------------------------------------------------------------------- measuring


def one_round(model: Any, image: np.ndarray, number: int) -> None:
    from cielr.core.geometry import Box

    if hasattr(model, "detect"):
        model.detect(image, LABELS[number])
    elif hasattr(model, "segment"):
        model.segment(image, [Box(100 + 40 * number, 200, 400, 600), Box(500, 50 + 60 * number, 900, 700)])
    else:
        model.depth(image)


def measured(name: str, keeping: bool) -> dict[str, float]:
    """Five rounds in this process, with the cache or with one that holds nothing."""
    import conftest  # noqa: F401 - a torchvision that does not fit must not break transformers
    import torch

    from cielr.perception.models.encode_cache import EncodeCache

    torch.set_num_threads(2)
    torch.manual_seed(0)
    model = MODELS[name][1]()
    network = model.network
    network.cache = EncodeCache() if keeping else EncodeCache(max_bytes=0)
    image = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    # the first pass of any network allocates and plans: not of this image
    one_round(model, image[:300, :400], 0)
    network.encodings = 0
    spent: list[float] = []
    encoded = network.encoded

    def timed(*arguments: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return encoded(*arguments, **named)
        finally:
            spent.append(time.process_time() - start)

    network.encoded = timed

    def work() -> None:
        for number in range(ROUNDS):
            one_round(model, image, number)

    start = time.process_time()
    peak = megabytes(work)
    return {
        "calls": network.encodings,
        "first": spent[0],
        "image": sum(spent),
        "seconds": time.process_time() - start,
        "peak": peak,
        "kept": network.cache.bytes / 1e6,
    }


def elsewhere(name: str, keeping: bool) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--one", name, "cache" if keeping else "none"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    if "--one" in sys.argv:
        name, cache = sys.argv[-2:]
        print(json.dumps(measured(name, cache == "cache")))
        return
    rows, dear = [], []
    for name, (title, _, slow) in MODELS.items():
        if slow and "--all" not in sys.argv:
            continue
        ours, beside = elsewhere(name, True), elsewhere(name, False)
        ratio = ours["image"] / ours["first"]
        if ratio > AT_MOST:
            dear.append(title)
        for how, numbers in (("cached", ours), ("each time", beside)):
            rows.append(
                (
                    title,
                    how,
                    f"{numbers['calls']:.0f}",
                    f"{numbers['first']:.2f} s",
                    f"{numbers['image']:.2f} s",
                    f"{numbers['image'] / numbers['first']:.2f}",
                    f"{numbers['seconds']:.2f} s",
                    f"{numbers['peak']:.0f} MB",
                    f"{numbers['kept']:.0f} MB",
                )
            )
    table(
        f"{ROUNDS} rounds about one photo of {SIZE[1]} x {SIZE[0]}, 2 threads, seconds of processor time",
        ("model", "image side", "calls", "of one", "of all", "ratio", "whole rounds", "peak above weights", "kept"),
        rows,
    )
    if dear:
        sys.exit(f"The image side of {ROUNDS} rounds costs more than {AT_MOST} of one: {', '.join(dear)}.")
    print(f"\nThe image side of {ROUNDS} rounds costs at most {AT_MOST} of one.")


if __name__ == "__main__":
    main()

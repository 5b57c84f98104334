"""ComfyUI's own SAM 3 with few layers; its loader reads no size from a file, so a small one is made so in its code.

Called by the script that writes the models and, where CIELR_TEST_SMALL is set, by the tests' nodes in a server.
"""

from __future__ import annotations

import importlib
import inspect


def shrink() -> None:
    """From now on SAM 3 is made small in this process."""
    sam = importlib.import_module("comfy.ldm.sam3.sam")
    detector = importlib.import_module("comfy.ldm.sam3.detector")
    clip = importlib.import_module("comfy.text_encoders.sam3_clip")
    _set_defaults(sam.ViTDet, depth=1, mlp_ratio=1 / 16)
    _set_defaults(detector.Transformer, enc_layers=1, dec_layers=1)
    _set_defaults(detector.GeometryEncoder, num_layers=1)
    clip.SAM3_CLIP_CONFIG.update(num_hidden_layers=2, intermediate_size=64)


def _set_defaults(kind: type, **values) -> None:
    signature = inspect.signature(kind.__init__)
    defaults = {name: one.default for name, one in signature.parameters.items() if one.default is not one.empty}
    kind.__init__.__defaults__ = tuple((defaults | values).values())

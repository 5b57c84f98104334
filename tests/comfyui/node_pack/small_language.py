"""ComfyUI's own classes of language models with few and narrow layers: the configurations stand in its code, not in
the files, so a tiny model of the real class needs a tiny configuration there too.

Called by the script that writes the models and, where CIELR_TEST_SMALL is set, by the tests' nodes in a server.
"""

from __future__ import annotations

import dataclasses
import importlib

NARROW = {"hidden_size": 64, "intermediate_size": 64, "num_attention_heads": 2, "num_key_value_heads": 1}
CONFIGURATIONS = {
    # which of Qwen 3 a file holds is told by its width
    ("llama", "Qwen3_06BConfig"): {**NARROW, "hidden_size": 1024, "num_hidden_layers": 3},
    ("llama", "Qwen3VL_8BConfig"): {**NARROW, "num_hidden_layers": 3},
    ("llama", "Gemma2_2B_Config"): {**NARROW, "num_hidden_layers": 3, "vocab_size": 2048},
    ("llama", "Gemma3_4B_Config"): {**NARROW, "num_hidden_layers": 3, "vocab_size": 2048},
    ("llama", "Gemma3_4B_Vision_Config"): {**NARROW, "num_hidden_layers": 3, "vocab_size": 2048},
    ("llama", "Gemma3_12B_Config"): {**NARROW, "num_hidden_layers": 6, "vocab_size": 2048},
    ("llama", "Ministral3_3BConfig"): {**NARROW, "hidden_size": 3072, "num_hidden_layers": 3, "vocab_size": 2048},
    ("gemma4", "Gemma4Config"): {
        **NARROW,
        "num_hidden_layers": 12,
        "num_kv_shared_layers": 6,
        "hidden_size_per_layer_input": 16,
    },
    ("qwen35", "Qwen35Config"): {**NARROW, "linear_num_key_heads": 1},
}
TOWERS = {
    ("llama", "GEMMA3_VISION_CONFIG"): {
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
    },
    ("gemma4", "GEMMA4_VISION_CONFIG"): {
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_attention_heads": 1,
        "num_hidden_layers": 1,
    },
    ("gemma4", "GEMMA4_AUDIO_CONFIG"): {"num_hidden_layers": 1},
    ("qwen3vl", "QWEN3VL_VISION_COMMON"): {"num_heads": 2},
}


def shrink() -> None:
    """From now on these classes are made small in this process."""
    for (module, name), values in CONFIGURATIONS.items():
        _set_defaults(getattr(importlib.import_module(f"comfy.text_encoders.{module}"), name), values)
    for (module, name), values in TOWERS.items():
        getattr(importlib.import_module(f"comfy.text_encoders.{module}"), name).update(values)
    qwen3vl = importlib.import_module("comfy.text_encoders.qwen3vl")
    qwen3vl.QWEN3VL_VISION["qwen3vl_8b"] = {
        "hidden_size": 64,
        "intermediate_size": 64,
        "depth": 3,
        "deepstack_visual_indexes": [0, 1, 2],
    }
    qwen35 = importlib.import_module("comfy.text_encoders.qwen35")
    qwen35.QWEN35_MODELS["qwen35_2b"] = {
        **NARROW,
        "num_hidden_layers": 4,
        "linear_num_value_heads": 1,
        "vision": {"hidden_size": 64, "num_heads": 2, "intermediate_size": 64, "depth": 1},
    }


def _set_defaults(kind: type, values: dict) -> None:
    """A dataclass keeps its defaults in its own __init__, the last fields' last."""
    names = [field.name for field in dataclasses.fields(kind)]
    defaults = list(kind.__init__.__defaults__)
    offset = len(names) - len(defaults)
    for name, value in values.items():
        defaults[names.index(name) - offset] = value
    kind.__init__.__defaults__ = tuple(defaults)

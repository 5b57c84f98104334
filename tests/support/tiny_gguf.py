"""A language model of the real format and a real architecture, a few hundred kilobytes of random weights.

It knows no words: each token is a byte. What it says is nonsense, held to a schema by the grammar.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

gguf = pytest.importorskip("gguf", reason="The package gguf writes the tiny language model of these tests.")

TEMPLATE = (
    "{% for message in messages %}<{{ message.role }}>{{ message.content }}</>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% if enable_thinking %}thinking{% endif %}{% endif %}"
)
HEADS, TOKENS = 2, 258


def _signs() -> list[str]:
    """A sign for each byte, as tokenizers of GPT-2's kind write them: those that cannot be seen stand above 255."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    unseen = [byte for byte in range(256) if byte not in seen]
    return [chr(byte if byte in seen else 256 + unseen.index(byte)) for byte in range(256)]


def tiny_gguf(
    file: Path, context: int = 32768, speaks: bool = True, width: int = 32, layers: int = 2, inner: int = 64
) -> Path:
    """Writes such a model; `speaks` False leaves out what makes it one of language, larger numbers make it slower."""
    file.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(file, "llama" if speaks else "flux")
    writer.add_name("tiny")
    if speaks:
        writer.add_context_length(context)
        writer.add_embedding_length(width)
        writer.add_block_count(layers)
        writer.add_feed_forward_length(inner)
        writer.add_head_count(HEADS)
        writer.add_head_count_kv(HEADS)
        writer.add_layer_norm_rms_eps(1e-5)
        writer.add_rope_dimension_count(width // HEADS)
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("default")
        writer.add_token_list([*_signs(), "<|begin|>", "<|end|>"])
        writer.add_token_types([1] * 256 + [3, 3])
        writer.add_token_merges(["h e"])
        writer.add_bos_token_id(256)
        writer.add_eos_token_id(257)
        writer.add_chat_template(TEMPLATE)
    rng = np.random.default_rng(0)

    def tensor(name: str, *shape: int) -> None:
        values = rng.normal(0, 0.3, shape) if len(shape) > 1 else np.ones(shape)
        writer.add_tensor(name, values.astype(np.float32))

    tensor("token_embd.weight", TOKENS, width)
    tensor("output_norm.weight", width)
    tensor("output.weight", TOKENS, width)
    for layer in range(layers):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"blk.{layer}.{name}.weight", width, width)
        for name in ("ffn_gate", "ffn_up"):
            tensor(f"blk.{layer}.{name}.weight", inner, width)
        tensor(f"blk.{layer}.ffn_down.weight", width, inner)
        for name in ("attn_norm", "ffn_norm"):
            tensor(f"blk.{layer}.{name}.weight", width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file

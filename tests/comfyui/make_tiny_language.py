"""Tiny random language models of the classes that ComfyUI's Generate Text runs, for its own loaders on a CPU.

usage:  python make_tiny_language.py COMFY_DIR OUT_DIR [family ...]      (no family: all of them)

Each lands as OUT_DIR/models/text_encoders/tiny_<family>.ckpt and is known by Load CLIP as what it is. A process that
loads them calls `small_language.shrink()` first. Qwen's tokenizer comes from the checkout; the others' are made here:
the bytes, some words, and the marks of turns under the ids that the real ones have.
"""

from __future__ import annotations

import base64
import io
import json

import torch
from tiny_library import as_library, write

COMFY_DIR, FOLDER, WANTED = as_library(__doc__)
import comfy.ops
import comfy.sd
from comfy.text_encoders import gemma4, llama, qwen3vl, qwen35
from small_language import shrink

shrink()
META = {"dtype": torch.float16, "device": "meta", "operations": comfy.ops.disable_weight_init}
WORDS = "the photo holds a red disc and a blue one; remove what is left of the cup, reason plan actions targets kind"


class Random:
    """Random tensors; large ones are views on one short storage, which torch.save writes once."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.pool = self.new((1 << 19,))

    def new(self, shape) -> torch.Tensor:
        return (torch.randn(shape, generator=self.generator) * 0.05).half()

    def like(self, name: str, shape) -> torch.Tensor:
        if "norm" in name and len(shape) == 1:
            return torch.ones(shape, dtype=torch.float16)
        if len(shape) == 2 and shape[0] * shape[1] > 1 << 16 and sum(shape) <= len(self.pool):
            # row i is the pool from element i on: all rows differ
            return self.pool.as_strided(tuple(shape), (1, 1))
        return self.new(shape)


def weights(network, seed: int = 1) -> dict[str, torch.Tensor]:
    random = Random(seed)
    return {name: random.like(name, tensor.shape) for name, tensor in network.state_dict().items()}


def only_key(*names: str) -> dict[str, torch.Tensor]:
    """Names by which the loader tells the size of a model that has fewer layers here."""
    return {name: torch.zeros(1, dtype=torch.float16) for name in names}


# ------------------------------------------------------------------------------------------------------- tokenizers


def sentencepiece(turn: int) -> torch.Tensor:
    """A SentencePiece model whose turns begin with the id `turn` and end with the next one, as Gemma's do."""
    import sentencepiece as spm

    marks = [f"<unused{number}>" for number in range(turn - 4)] + ["<start_of_turn>", "<end_of_turn>"]
    file = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter([WORDS, *WORDS.split(), '{"reason": "", "kind": [1.5, 20]}'] * 4),
        model_writer=file,
        vocab_size=600,
        hard_vocab_limit=False,
        model_type="bpe",
        byte_fallback=True,
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        normalization_rule_name="identity",
        user_defined_symbols=marks,
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
        minloglevel=2,
    )
    return torch.tensor(list(file.getvalue()), dtype=torch.uint8)


def gemma4_tokenizer() -> torch.Tensor:
    """A tokenizer.json with the marks of Gemma 4 under their ids."""
    marks = {"<pad>": 0, "<eos>": 1, "<bos>": 2, "<|turn>": 105, "<turn|>": 106, "<|channel>": 100, "<channel|>": 101}
    marks |= {"<|image>": 255999, "<image|>": 258882, "<|image|>": 258880}
    vocabulary = dict(marks)
    free = (number for number in range(3, 100_000) if number not in marks.values())
    for token in [*(f"<0x{byte:02X}>" for byte in range(256)), "▁", *map(chr, range(33, 127))]:
        vocabulary[token] = next(free)
    merges = []
    for word in sorted({*WORDS.replace(",", "").replace(";", "").split(), "yes", "Yes"}):
        for end in range(2, len(word) + 1):
            if word[:end] not in vocabulary:
                vocabulary[word[:end]] = next(free)
                merges.append([word[: end - 1], word[end - 1]])
    told = {
        "version": "1.0",
        "added_tokens": [
            {"id": number, "content": token, "special": True}
            | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
            for token, number in marks.items()
        ],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {"type": "BPE", "vocab": vocabulary, "merges": merges, "byte_fallback": True, "fuse_unk": True},
    }
    return torch.tensor(list(json.dumps(told).encode()), dtype=torch.uint8)


def tekken() -> torch.Tensor:
    """A vocabulary of Mistral's with the marks of its turns under their ids."""
    marks = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", *(f"<SPECIAL_{number}>" for number in range(5, 17))]
    marks += ["[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "<SPECIAL_19>"]
    tokens = [bytes([byte]) for byte in range(256)]
    for word in sorted({*WORDS.encode().split()}):
        tokens += [word[:end] for end in range(2, len(word) + 1) if word[:end] not in tokens]
    told = {
        "config": {"default_num_special_tokens": len(marks), "default_vocab_size": len(marks) + len(tokens)},
        "vocab": [{"rank": rank, "token_bytes": base64.b64encode(token).decode()} for rank, token in enumerate(tokens)],
        "special_tokens": [{"rank": rank, "token_str": mark} for rank, mark in enumerate(marks)],
    }
    return torch.tensor(list(json.dumps(told).encode()), dtype=torch.uint8)


# --------------------------------------------------------------------------------------------------------- families


def qwen3() -> dict[str, torch.Tensor]:
    return weights(llama.Qwen3_06B({}, **META))


def qwen3vl_model() -> dict[str, torch.Tensor]:
    kind = type("Small", (qwen3vl.Qwen3VL,), {"model_type": "qwen3vl_8b"})
    told = weights(kind({}, **META))
    prefixes = {"model.lm_head.": "lm_head.", "visual.": "model.visual.", "model.": "model.language_model."}
    return {_renamed(name, prefixes): tensor for name, tensor in told.items()}


WISHES = {
    '{"': 20.0,
    '"],': 19.8,
    '"]}': 19.7,
    '"]': 19.6,
    '"': 19.5,
    "],": 17.5,
    "]": 17.0,
    "}": 13.0,
    **dict.fromkeys(("yes", "Yes"), 25.0),
}
"""Tokens that the decided model would rather say than others, whatever was said before."""


def decided() -> dict[str, torch.Tensor]:
    """A Qwen3-VL that says yes to every question, and the least that a schema lets it say otherwise."""
    from transformers import Qwen2Tokenizer

    told = qwen3vl_model()
    for name, tensor in told.items():
        value = 1.0 if "norm" in name and tensor.ndim == 1 else 0.0
        told[name] = torch.tensor([value]).half().reshape((1,) * tensor.ndim).expand(tensor.shape)
    embedding = "model.language_model.embed_tokens.weight"
    told[embedding] = torch.eye(1, told[embedding].shape[1]).half().expand(told[embedding].shape)
    tokenizer = Qwen2Tokenizer.from_pretrained(str(COMFY_DIR / "comfy" / "text_encoders" / "qwen25_tokenizer"))
    head = torch.zeros(told["lm_head.weight"].shape).half()
    for text, wish in WISHES.items():
        ids = tokenizer(text)["input_ids"]
        if len(ids) == 1:
            head[ids[0], 0] = wish
    told["lm_head.weight"] = head
    return told


def qwen35_model() -> dict[str, torch.Tensor]:
    kind = type("Small", (qwen35.Qwen35,), {"model_type": "qwen35_2b"})
    told = weights(kind({}, **META))
    return {
        _renamed(name, {"visual.": "model.visual.", "model.": "model.language_model."}): t for name, t in told.items()
    }


def _renamed(name: str, prefixes: dict[str, str]) -> str:
    return next((new + name[len(old) :] for old, new in prefixes.items() if name.startswith(old)), name)


def gemma2() -> dict[str, torch.Tensor]:
    return weights(llama.Gemma2_2B({}, **META)) | {"spiece_model": sentencepiece(106)}


def gemma3() -> dict[str, torch.Tensor]:
    return weights(llama.Gemma3_4B({}, **META)) | {"spiece_model": sentencepiece(105)}


def gemma3_vision() -> dict[str, torch.Tensor]:
    return weights(llama.Gemma3_4B_Vision({}, **META)) | {"spiece_model": sentencepiece(105)}


def gemma3_12b() -> dict[str, torch.Tensor]:
    told = weights(llama.Gemma3_12B({}, **META)) | {"spiece_model": sentencepiece(105)}
    return told | only_key("model.layers.47.self_attn.q_norm.weight")


def gemma4_e4b() -> dict[str, torch.Tensor]:
    told = weights(gemma4.Gemma4_E4B({}, **META)) | {"tokenizer_json": gemma4_tokenizer()}
    return told | only_key("model.layers.41.self_attn.q_norm.weight")


def decided_gemma() -> dict[str, torch.Tensor]:
    """A Gemma 4 of the same mind, whose head is its embedding: the last layer gives every token the same direction."""
    from tokenizers import Tokenizer

    told = gemma4_e4b()
    # the last of the layers that there are; the loader's mark is of one that there is not
    last = max(int(name.split(".")[2]) for name in told if name.startswith("model.layers.") and ".mlp." in name)
    tokenizer = Tokenizer.from_str(bytes(told["tokenizer_json"].tolist()).decode())
    for name, tensor in told.items():
        if name != "tokenizer_json":
            value = 1.0 if name.endswith("layer_scalar") or ("norm" in name and tensor.ndim == 1) else 0.0
            told[name] = torch.tensor([value]).half().reshape((1,) * tensor.ndim).expand(tensor.shape)
    embedding = torch.zeros(told["model.embed_tokens.weight"].shape).half()
    embedding[:, 0] = 1.0
    for text, wish in WISHES.items():
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        if len(ids) == 1:
            # the norm leaves 8 of the direction, the root of how wide it is
            embedding[ids[0], 1] = wish / 8
    told["model.embed_tokens.weight"] = embedding
    mlp = f"model.layers.{last}.mlp."
    for part, place in (("gate_proj", (0, 0)), ("up_proj", (0, 0)), ("down_proj", (1, 0))):
        weight = torch.zeros(told[f"{mlp}{part}.weight"].shape).half()
        weight[place] = 1.0
        told[f"{mlp}{part}.weight"] = weight
    norm = f"model.layers.{last}.post_feedforward_layernorm.weight"
    told[norm] = torch.full(told[norm].shape, 1000.0).half()
    return told


def ministral() -> dict[str, torch.Tensor]:
    return weights(llama.Ministral3_3B({}, **META)) | {"tekken_model": tekken()}


FAMILIES = {
    "qwen3": qwen3,
    "qwen3vl": qwen3vl_model,
    "decided": decided,
    "qwen35": qwen35_model,
    "gemma2": gemma2,
    "gemma3": gemma3,
    "gemma3_vision": gemma3_vision,
    "gemma3_12b": gemma3_12b,
    "gemma4": gemma4_e4b,
    "decided_gemma": decided_gemma,
    "ministral": ministral,
}

if __name__ == "__main__":
    for family in WANTED or FAMILIES:
        write(FOLDER / "text_encoders" / f"tiny_{family}.ckpt", FAMILIES[family]())

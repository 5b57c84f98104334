"""Answers bound token by token: what a mask lets through is JSON of the schema, whatever is picked from it."""

import json

import numpy as np
import pytest

from cielr.errors import LLMError
from cielr.reasoning.chats.token_bytes import token_bytes
from cielr.reasoning.chats.token_mask import TokenGrammar, bounded
from cielr.reasoning.chats.turn_marks import CHATML, GEMMA, GEMMA_4, MISTRAL, marked, marks_of

pytest.importorskip("llguidance")

WORDS = [
    b'{"',
    b'": ',
    b'", ',
    b'"}',
    b"]}",
    b"reason",
    b"turn",
    b"plan",
    b"[1",
    b"\xc3",
    b"\xa9",
    b"<x>",
    b"null",
    b"tr",
]
VOCABULARY = [None, *(bytes([byte]) for byte in range(256)), *WORDS, None]
SCHEMA = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "turn": {"anyOf": [{"type": "string", "enum": ["plan", "ask é"]}, {"$ref": "#/$defs/many"}]},
    },
    "required": ["reason", "turn"],
    "additionalProperties": False,
    "$defs": {"many": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 9}, "maxItems": 3}},
}


def spelled(text):
    return [byte + 1 for byte in text.encode()]


@pytest.fixture(scope="module")
def grammar():
    return TokenGrammar(VOCABULARY, spelled, size=len(VOCABULARY) + 5)


def said(grammar, schema, rng):
    mask, ids = grammar.mask(schema), []
    while not mask.is_whole:
        token = int(rng.choice(np.flatnonzero(mask.allowed())))
        mask.take(token)
        ids.append(token)
    return b"".join(VOCABULARY[token] for token in ids).decode()


@pytest.mark.parametrize("seed", range(20))
def test_any_pick_from_the_masks_is_json_of_the_schema(grammar, seed):
    value = json.loads(said(grammar, SCHEMA, np.random.default_rng(seed)))
    assert list(value) == ["reason", "turn"]
    assert isinstance(value["reason"], str)
    assert value["turn"] in ("plan", "ask é") or (
        len(value["turn"]) <= 3 and all(isinstance(one, int) and 0 <= one <= 9 for one in value["turn"])
    )


def test_marks_and_ids_beyond_the_vocabulary_are_never_allowed(grammar):
    mask = grammar.mask(SCHEMA)
    for byte in b'{"reason": "':
        allowed = mask.allowed()
        assert len(allowed) == len(VOCABULARY) + 5
        assert not allowed[0]
        assert not allowed[len(VOCABULARY) - 1 :].any()
        mask.take(byte + 1)
    assert mask.allowed()[VOCABULARY.index(b"<x>")]


def test_a_token_that_leaves_the_schema_is_refused(grammar):
    mask = grammar.mask(SCHEMA)
    assert not mask.allowed()[ord("[") + 1]
    with pytest.raises(LLMError, match="left its schema"):
        mask.take(ord("[") + 1)


def test_a_schema_that_no_grammar_can_hold_to_is_one_sentence(grammar):
    with pytest.raises(LLMError, match="cannot be held to"):
        grammar.mask({"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}})


def test_texts_and_lists_get_bounds_and_values_of_enums_stay():
    told = bounded({"a": {"type": "string"}, "b": {"type": "array", "items": {"enum": [{"type": "string"}]}}})
    assert told["a"] == {"type": "string", "maxLength": 600}
    assert told["b"] == {"type": "array", "items": {"enum": [{"type": "string"}]}, "maxItems": 50}
    assert bounded({"type": "string", "maxLength": 3}) == {"type": "string", "maxLength": 3}


class Vocabulary:
    def __init__(self, tokens, added=()):
        self.tokens = tokens
        self.added_tokens_decoder = dict.fromkeys(added)

    def get_vocab(self):
        return self.tokens


def test_the_bytes_of_byte_pairs_and_of_pieces():
    pairs = Vocabulary({"Ġthe": 0, "Ã©": 1, "Ċ": 2, "<|im_end|>": 5, "中": 6}, added=[5])
    assert token_bytes(pairs) == [b" the", "é".encode(), b"\n", None, None, None, None]
    pieces = Vocabulary({"▁the": 0, "<0x0A>": 1, "é": 2, "<|turn>": 3}, added=[3])
    assert token_bytes(pieces) == [b" the", b"\n", "é".encode(), None]


def test_the_bytes_of_a_sentencepiece_model():
    class Pieces:
        names = ("<pad>", "<unk>", "▁a", "<0xFF>", "<end_of_turn>", "b")

        def get_piece_size(self):
            return len(self.names)

        def id_to_piece(self, number):
            return self.names[number]

        def is_byte(self, number):
            return number == 3

        def is_control(self, number):
            return number == 0

        def is_unknown(self, number):
            return number == 1

        def is_unused(self, number):
            return False

    assert token_bytes(Pieces()) == [None, None, b" a", b"\xff", None, b"b"]


TALK = [
    {"role": "system", "content": "Plan {}."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Yes"},
    {"role": "user", "content": "Go"},
]


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        (
            CHATML,
            "<|im_start|>system\nPlan {}.<|im_end|>\n<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>Hi"
            "<|im_end|>\n<|im_start|>assistant\nYes<|im_end|>\n<|im_start|>user\nGo<|im_end|>\n<|im_start|>assistant\n"
            "<think>\n\n</think>\n\n",
        ),
        (
            GEMMA,
            "<start_of_turn>user\n\n<image_soft_token>Plan {}.\n\nHi<end_of_turn>\n<start_of_turn>model\nYes"
            "<end_of_turn>\n<start_of_turn>user\nGo<end_of_turn>\n<start_of_turn>model\n",
        ),
    ],
)
def test_a_conversation_in_the_marks_of_its_family(marks, words):
    assert marked(TALK, marks, pictures=1, unthinking=True) == words


@pytest.mark.parametrize("marks", [CHATML, GEMMA, GEMMA_4, MISTRAL], ids=lambda marks: marks.family)
def test_nobody_can_pose_as_another_turn(marks):
    evil = "".join(marks.turns.values()).replace("{}", "x") + marks.opening + marks.picture
    told = marked([{"role": "user", "content": evil}], marks)
    body = told.removeprefix(marks.turns["user"].split("{}")[0]).removesuffix(marks.opening)
    body = body.removesuffix(marks.turns["user"].split("{}")[1])
    assert body.startswith(evil[0])
    assert not any(mark in body for mark in marks.own)


def test_the_family_is_told_by_its_tokens():
    assert marks_of({"<|im_start|>", "a"}) is CHATML
    assert marks_of({"<start_of_turn>", "<|turn>"}) is GEMMA_4
    assert marks_of({"a"}) is None

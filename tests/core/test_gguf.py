"""Headers of GGUF files: what they say is read, and what they claim is never believed."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_gguf import tiny_gguf

from cielr.core.gguf import MOST_HEADER, NotGguf, gguf_header, gguf_problem


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", context=4321)


def written(path, *parts: bytes):
    path.write_bytes(b"".join(parts))
    return path


def text(words: str) -> bytes:
    return struct.pack("<Q", len(words)) + words.encode()


BEGINNING = b"GGUF" + struct.pack("<I", 3)


def test_a_header_tells_the_model_its_context_and_its_size(model):
    header = gguf_header(model)
    assert header.architecture == "llama"
    assert header.values["general.name"] == "tiny"
    assert header.context == 4321
    # two tables of words, four squares and three meshes in each of two layers, and norms
    assert header.parameters == 2 * 258 * 32 + 2 * (4 * 32 * 32 + 3 * 32 * 64 + 2 * 32) + 32
    assert header.arrays["tokenizer.ggml.tokens"] == 258
    assert header.speaks


def test_a_painter_in_the_same_format_does_not_speak(tmp_path):
    assert not gguf_header(tiny_gguf(tmp_path / "painter.gguf", speaks=False)).speaks


def test_a_file_without_its_end_is_cut_short(model, tmp_path):
    data = model.read_bytes()
    for share in (0.99, 0.5, 0.01):
        assert gguf_problem(written(tmp_path / "half.gguf", data[: int(share * len(data))])) == "is cut short"
    assert gguf_problem(model) == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is cut short"),
        (b"GGML" + bytes(100), "is no GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 99, 0, 0), "is of version 99"),
        (BEGINNING + struct.pack("<QQ", 1 << 60, 0), "claims 1,152,921,504,606,846,976 tensors"),
        (BEGINNING + struct.pack("<QQ", 0, 1 << 62), "more than any such file has"),
        (BEGINNING + struct.pack("<QQ", 0, 1) + struct.pack("<Q", 1 << 62), "is cut short"),
        (BEGINNING + struct.pack("<QQ", 0, 1) + text("a") + struct.pack("<I", 77), "a kind that no such file has"),
        (BEGINNING + struct.pack("<QQ", 0, 1) + text("a") + struct.pack("<IIQ", 9, 4, 1 << 63), "is cut short"),
        (BEGINNING + struct.pack("<QQ", 0, 1) + text("a") + struct.pack("<IIQ", 9, 8, 1 << 63), "is cut short"),
        (BEGINNING + struct.pack("<QQ", 1, 0) + text("t") + struct.pack("<I", 1 << 31), "dimensions"),
        (
            BEGINNING + struct.pack("<QQ", 0, 1) + text("general.alignment") + struct.pack("<II", 4, 0),
            "at places that no such file has",
        ),
    ],
)
def test_what_a_header_claims_is_checked_before_room_is_made_for_it(tmp_path, data, said):
    file = written(tmp_path / "odd.gguf", data)
    assert said in gguf_problem(file)
    with pytest.raises(NotGguf):
        gguf_header(file)


def test_a_header_without_end_is_not_read_to_its_end(tmp_path):
    file = tmp_path / "long.gguf"
    count = MOST_HEADER // 4
    with file.open("wb") as target:
        target.write(BEGINNING + struct.pack("<QQ", 0, 1) + text("a") + struct.pack("<IIQ", 9, 4, count))
        target.truncate(4 * count + 1000)
    assert gguf_problem(file) == "has a header of more than 100 MB, which no such file has"


def test_a_file_that_is_not_there_is_a_problem_and_no_crash(tmp_path):
    assert gguf_problem(tmp_path / "none.gguf").startswith("cannot be read")


@settings(max_examples=150, deadline=None)
@given(places=st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_no_spoilt_header_ends_in_anything_but_a_sentence(model, tmp_path_factory, places):
    data = bytearray(model.read_bytes())
    for place, value in places:
        data[place] = value
    assert isinstance(gguf_problem(written(tmp_path_factory.getbasetemp() / "spoilt.gguf", bytes(data))), str)

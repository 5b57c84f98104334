"""Lists and files of weights that mean no good."""

from __future__ import annotations

import json
import pickle
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest

pytest.importorskip("huggingface_hub")

from hub_server import safetensors
from weights_help import BIG, NAME, refused

from cielr.weights.catalogue import MANIFEST, check, damages
from cielr.weights.fetch import fetch

pytestmark = pytest.mark.usefixtures("online")


def test_a_list_without_end_is_not_read_to_its_end_and_named_as_what_it_is(hub):
    hub.answer = (200, {"Content-Type": "application/json"}, b"[" * (17 << 20))
    assert "answers with more than 16 MB where a list of files is expected" in refused(hub)


def test_names_that_are_paths_elsewhere_are_not_fetched(hub, target):
    fetch(NAME, endpoint=hub.url)
    assert sorted(path.name for path in target.iterdir()) == sorted(
        [MANIFEST, "config.json", "preprocessor_config.json", BIG]
    )


HEADERS = [
    b"",
    b"abc",
    (1 << 60).to_bytes(8, "little") + b"{}",
    (2).to_bytes(8, "little") + b"[]",
    (4).to_bytes(8, "little") + b"null",
    *(
        len(text).to_bytes(8, "little") + text
        for text in (
            b'{"a": 1}',
            b'{"a": {"data_offsets": 3}}',
            b'{"a": {"data_offsets": ["x", "y"]}}',
            b'{"a": {"data_offsets": [0, 1e9]}}',
            b'{"a": {"data_offsets": [-5, -1]}}',
            b'{"a": {"data_offsets": [0, 99999999999999999999999]}}',
            b"[" * 20_000,
            b'\xff\xfe{"a"',
        )
    ),
]


def listed(folder: Path) -> set[str]:
    """The models that a loader's list names."""
    from cielr.perception.models.kinds import here_and_below, loadable

    return {name for entry in folder.iterdir() for name, path in here_and_below(entry) if loadable(path)}


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
def test_one_malformed_file_is_one_line_and_all_others_are_listed(tmp_path, header):

    whole, broken = (tmp_path / "models" / "sam2" / name for name in (NAME, "sam2.1-small"))
    for folder in (whole, broken):
        folder.mkdir(parents=True)
        (folder / "config.json").write_text('{"model_type": "sam2"}')
        (folder / "preprocessor_config.json").write_text("{}")
        (folder / BIG).write_bytes(safetensors(100))
    (broken / BIG).write_bytes(header)
    states = {one.weights.name: one for one in check(deep=False)}
    assert (states[NAME].state, states["sam2.1-small"].state) == ("whole", "damaged")
    (problem,) = states["sam2.1-small"].problems
    assert problem.startswith(f"{broken / BIG} ")
    assert len(problem) < len(str(broken)) + 120
    assert listed(tmp_path / "models" / "sam2") == {NAME}
    whole.rename(tmp_path / "models" / "sam2" / "mine")
    (tmp_path / "models" / "sam2" / "more").mkdir()
    (tmp_path / "models" / "sam2" / "mine").rename(tmp_path / "models" / "sam2" / "more" / "mine")
    assert listed(tmp_path / "models" / "sam2") == {"more/mine"}, "one folder deeper"


def test_a_file_of_holes_is_no_model(tmp_path):
    folder = tmp_path / "models" / "sam2" / NAME
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"model_type": "sam2"}')
    header = json.dumps({"a": {"dtype": "U8", "shape": [1 << 33], "data_offsets": [0, 1 << 33]}}).encode()
    with (folder / BIG).open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + (1 << 33))
    if (folder / BIG).stat().st_blocks * 512 > 1 << 30:
        pytest.skip("this file system has no holes")
    assert damages(folder) == [f"{folder / BIG} is sparse: most of its bytes are holes, not weights."]


def test_texts_without_end_are_not_read(tmp_path):
    from cielr.perception.models.kinds import kind_of

    folder = tmp_path / "large"
    folder.mkdir()
    for text in (b'{"model_type": "sam2", "x": "' + b"y" * (17 << 20) + b'"}', b"[" * 100_000, b"[]", b"7"):
        (folder / "config.json").write_bytes(text)
        assert kind_of(folder) is None
        assert listed(tmp_path) == set()


def archive(index: bytes, packed: bool = False) -> bytes:
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as file:
        file.writestr("archive/data.pkl", index)
        file.writestr("archive/version", "3\n")
    return made.getvalue()


class Large:
    def __reduce__(self):
        return bytearray, (6_300_000_000,)


class Runs:
    def __reduce__(self):
        return eval, ("1",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive(pickle.dumps({"a": Large()}, 2)), "bytearray, which is not a tensor"),
        (archive(pickle.dumps({"a": Runs()}, 2)), "eval, which is not a tensor"),
        (archive(pickle.dumps({"a": Large()}, 4)), "other things than tensors"),
        (archive(pickle.dumps({"a": 1}, 2)), "other things than tensors"),
        (archive(pickle.dumps({}, 2), packed=True), "packed"),
        (pickle.dumps({"a": Large()}, 2), "not an archive"),
        (archive(b"\x80"), "cannot be used"),
    ],
)
def test_the_index_of_a_pth_is_walked_before_it_is_followed(tmp_path, content, said):
    pytest.importorskip("torch")
    from cielr.perception.models.devices import ModelError
    from cielr.perception.models.loaders import load_segmenter

    file = tmp_path / "sam_vit_b_01ec64.pth"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=said) as caught:
        load_segmenter(file, device="cpu")
    assert str(caught.value).startswith(f"{file} cannot be used: ")


def test_a_tensor_that_claims_more_than_its_file_holds_is_refused(tmp_path):
    torch = pytest.importorskip("torch")
    from cielr.perception.models.files import state_of

    file = tmp_path / "some.pth"
    torch.save({"a": torch.zeros(6, 4), "b": torch.zeros(3)}, file)
    assert {name: tuple(value.shape) for name, value in state_of(file).items()} == {"a": (6, 4), "b": (3,)}
    torch.save({"a": torch.zeros(1).expand(1 << 40)}, file)
    with pytest.raises(ValueError, match="'a' claims more than it holds"):
        state_of(file)


@pytest.mark.parametrize("kind", ["sam2", "owlv2", "depth-anything"])
def test_the_code_that_a_folder_brings_is_never_run(tiny, tmp_path, kind):
    pytest.importorskip("transformers")
    from cielr.perception.models import loaders
    from cielr.perception.models.devices import ModelError

    folder = tmp_path / "brings-code"
    shutil.copytree(tiny(kind), folder)
    mark = tmp_path / "it-ran"
    (folder / "evil.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    names = ("AutoConfig", "AutoModel", "AutoProcessor", "AutoImageProcessor", "AutoTokenizer")
    # whatever class stands there as well, transformers has none of that name
    for file in folder.glob("*config.json"):
        told = json.loads(file.read_text())
        told["auto_map"] = {name: "evil.Evil" for name in names}
        told |= {key: "EvilProcessor" for key in ("processor_class", "image_processor_type") if key in told}
        file.write_text(json.dumps(told))
    load = {"sam2": loaders.load_segmenter, "owlv2": loaders.load_detector, "depth-anything": loaders.load_depth}[kind]
    refusal = pytest.raises(ModelError, match=r"brings code of its own \(auto_map\), which is never run")
    # SAM 2's processor is found by the model's type, whatever the folder calls it
    with nullcontext() if kind == "sam2" else refusal:
        load(folder, device="cpu")
    assert not mark.exists()

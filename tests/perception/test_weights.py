"""Weights through the hub's real client, from a local server that plays the hub: half is never taken for whole."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from patience import without_waiting

pytest.importorskip("huggingface_hub")

from hub_server import COMMIT, Hub, playing, safetensors
from huggingface_hub import constants

from cielr.errors import Cancelled
from cielr.weights import catalogue as weights
from cielr.weights import fetch as weights_fetch
from cielr.weights.catalogue import MANIFEST, WeightsError, check, damages, entry, find, place
from cielr.weights.fetch import fetch

NAME = "sam2.1-tiny"
REPOSITORY = "facebook/sam2.1-hiera-tiny"
BIG = "model.safetensors"
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def online(monkeypatch, tmp_path):
    """As on a user's machine that may ask the hub, with a home of its own."""
    for name in ("HF_HUB_OFFLINE", "HF_ENDPOINT", "HF_TOKEN", "COMFYUI_PATH", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CIELR_MODELS", str(tmp_path / "models"))


@pytest.fixture
def hub():
    files = {
        "config.json": b'{"model_type": "sam2"}',
        "preprocessor_config.json": b"{}" * 300,
        BIG: safetensors(3_000_000),
        "C:evil.json": b"{}",
        "sam2.1_hiera_tiny.pt": bytes(1000),
        "README.md": b"# SAM 2",
        "onnx/config.json": b"{}",
        "../../escaped.json": b"{}",
    }
    with playing(Hub(REPOSITORY, files)) as one:
        yield one


@pytest.fixture
def target():
    return place(entry(NAME))


def refused(hub) -> str:
    """The one sentence with which a fetching ends; nothing that looks whole is left."""
    with pytest.raises(WeightsError) as caught:
        fetch(NAME, endpoint=hub.url)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith(".")
    assert not place(entry(NAME)).exists()
    with pytest.raises(WeightsError, match="cielr weights fetch"):
        find(NAME)
    return said


# ------------------------------------------------------------------------------------------------------ as it should be


def test_what_is_fetched_is_what_the_hub_has_and_progress_runs_to_its_end(hub, target):
    hub.piece, hub.pause = 300_000, 0.1
    told = []
    assert fetch(NAME, endpoint=hub.url, on_step=lambda done, total: told.append((done, total))) == target
    wanted = {"config.json", "preprocessor_config.json", BIG}
    assert {path.name for path in target.iterdir()} == {*wanted, MANIFEST}
    for name in wanted:
        assert (target / name).read_bytes() == hub.files[name]
    assert json.loads((target / MANIFEST).read_text())["commit"] == COMMIT
    total = sum(len(hub.files[name]) for name in wanted)
    assert told[-1] == (total, total)
    assert len({done for done, _ in told}) >= 4
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert [path.name for path in target.parent.iterdir() if not path.name.startswith(".")] == [NAME]
    assert find(NAME) == target
    assert find(REPOSITORY) == target


def test_the_endpoint_is_the_one_that_the_environment_names(hub, target, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", hub.url + "/")
    assert fetch(NAME) == target


def test_what_is_whole_is_not_fetched_again(hub, target):
    fetch(NAME, endpoint=hub.url)
    asked = len(hub.asked)
    assert fetch(NAME, endpoint="http://127.0.0.1:9") == target
    assert len(hub.asked) == asked


def test_texts_that_arrive_zipped_are_whole(hub, target):
    hub.zipped = True
    fetch(NAME, endpoint=hub.url)
    assert (target / "preprocessor_config.json").read_bytes() == hub.files["preprocessor_config.json"]


def test_a_fetched_model_loads_by_its_name(tiny, tmp_path):
    pytest.importorskip("transformers")
    from cielr.perception.models.loaders import load_segmenter

    folder = tiny("sam2")
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with pytest.raises(WeightsError, match=f"cielr weights fetch {NAME}.*{REPOSITORY}.*{tmp_path}"):
        load_segmenter(NAME, device="cpu")
    with playing(Hub(REPOSITORY, files)) as hub:
        fetch(NAME, endpoint=hub.url)
    assert load_segmenter(NAME, device="cpu").name == NAME


# --------------------------------------------------------------------------------------------------------- cut off


def test_a_connection_that_breaks_is_taken_up_again_where_it_ended(hub, target):
    hub.cut, hub.cuts = 1_300_000, 2
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]
    assert hub.fetched.count(BIG) == 3
    assert hub.went_on_at >= 2_300_000


def test_a_fetching_that_was_cancelled_goes_on_where_it_ended(hub, target):
    hub.piece, hub.pause = 200_000, 0.1

    def stop(done, total):
        if done > 1_000_000:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        fetch(NAME, endpoint=hub.url, on_step=stop)
    assert not target.exists()
    assert [one.state for one in check() if one.weights.name == NAME] == ["missing"]
    hub.pause = 0.0
    hub.asked.clear()
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]
    assert hub.fetched == [BIG]
    assert hub.went_on_at >= 1_000_000


def test_a_hub_that_does_not_go_on_in_the_middle_is_asked_for_all_of_it(hub, target):
    hub.ranges, hub.cut, hub.cuts = False, 1_000_000, 1
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]


def test_cancelling_does_not_wait_for_a_line_that_is_silent(hub):
    hub.piece, hub.pause = 1_500_000, 60

    def stop(done, total):
        if done:
            raise Cancelled("stopped")

    with without_waiting(hub.pause), pytest.raises(Cancelled):
        fetch(NAME, endpoint=hub.url, on_step=stop)


def test_a_process_that_is_killed_leaves_nothing_that_looks_whole(hub, target):
    hub.piece, hub.pause = 100_000, 0.1
    script = f"from cielr.weights.fetch import fetch; fetch({NAME!r}, endpoint={hub.url!r})"
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=os.environ.copy())
    half = target.with_name(f"{NAME}.part") / f"{BIG}.part"
    until = time.monotonic() + 30
    while not (half.is_file() and half.stat().st_size > 0) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not target.exists()
    with pytest.raises(WeightsError, match="not here"):
        find(NAME)
    hub.pause = 0
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]


def test_two_fetchings_of_one_model_do_not_disturb_each_other(hub, target):
    hub.piece, hub.pause = 300_000, 0.05
    ended = []
    threads = [threading.Thread(target=lambda: ended.append(fetch(NAME, endpoint=hub.url))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert ended == [target, target]
    assert (target / BIG).read_bytes() == hub.files[BIG]


# ------------------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize("name", [BIG, "config.json"])
def test_another_checksum_is_thrown_away_and_the_next_fetching_is_right(hub, target, name):
    hub.spoil = (name,)
    assert f"{name} of {REPOSITORY} has another checksum" in refused(hub)
    assert not (target.with_name(f"{NAME}.part") / f"{name}.part").exists()
    hub.spoil = ()
    fetch(NAME, endpoint=hub.url)
    assert damages(target, deep=True) == []


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (401, {"X-Error-Code": "GatedRepo"}, "accept its terms"),
        (403, {"X-Error-Code": "GatedRepo"}, "accept its terms"),
        (401, {}, "hf auth login"),
        (401, {"X-Error-Message": "Invalid credentials in Authorization header"}, "refuses your token"),
        (403, {}, "refuses your token"),
        (404, {"X-Error-Code": "RepoNotFound"}, "is not there"),
        (404, {"X-Error-Code": "RevisionNotFound"}, "no revision 'main'"),
        (500, {}, "HTTP 500"),
        (503, {}, "HTTP 503"),
    ],
)
def test_each_refusal_of_the_hub_is_a_sentence_of_its_own(hub, status, headers, said):
    hub.answer = (status, headers, b"{}")
    sentence = refused(hub)
    assert said in sentence
    assert REPOSITORY in sentence


def test_a_refusal_in_the_middle_is_told_too(hub):
    hub.answer_files = (401, {"X-Error-Code": "GatedRepo"}, b"")
    assert "accept its terms" in refused(hub)
    hub.answer_files = None
    hub.listed = ("tokenizer.json",)
    assert "lacks a file" in refused(hub)


def test_whatever_else_answers_there_is_not_the_hub(hub):
    for body in (b"<html>", b"[]", b"{}", b'{"siblings": 3}'):
        hub.answer = (200, {}, body)
        assert hub.url in refused(hub)


def test_a_repository_without_usable_files_is_told(hub):
    del hub.files[BIG]
    assert "no config.json with .safetensors" in refused(hub)


def test_no_server_is_told_with_its_address(hub):
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1:9 could not be read"):
        fetch(NAME, endpoint="http://127.0.0.1:9")


def test_offline_means_offline(hub, target, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    sentence = refused(hub)
    assert "HF_HUB_OFFLINE is set" in sentence
    assert str(target) in sentence
    assert hub.asked == []


# ---------------------------------------------------------------------------------------------------------- no space


def test_a_model_that_does_not_fit_on_the_disk_is_not_begun(hub, monkeypatch):
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr(weights_fetch.shutil, "disk_usage", lambda path: usage)
    assert "3 MB are to be fetched" in refused(hub)
    assert hub.fetched == []


def test_a_disk_that_fills_up_on_the_way_is_told_and_nothing_is_lost(hub, target):
    """The kernel's own limit on a file's size stands for a full disk."""
    pytest.importorskip("resource")
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
        "from cielr.errors import CielrError\nfrom cielr.weights.fetch import fetch\n"
        f"try: fetch({NAME!r}, endpoint={hub.url!r})\nexcept CielrError as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == (
        f"The disk of {target.parent} is full; make room and fetch again, it goes on where it ended.\n"
    )
    assert told.stderr == ""
    assert not target.exists()
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]
    assert hub.went_on_at >= 1_900_000


def test_a_folder_that_cannot_be_written_is_named(hub, target):
    target.parent.parent.mkdir(parents=True)
    target.parent.write_text("in the way")
    with pytest.raises(WeightsError, match=f"{target.parent}.* cannot be written"):
        fetch(NAME, endpoint=hub.url)


# --------------------------------------------------------------------------------------------------- what lies there


def test_damage_is_found_told_and_mended_by_fetching_what_is_damaged(hub, target):
    fetch(NAME, endpoint=hub.url)
    data = bytearray(hub.files[BIG])
    data[-1] ^= 1
    (target / BIG).write_bytes(bytes(data))
    assert damages(target) == []
    assert damages(target, deep=True) == [f"{target / BIG} has another checksum than what was fetched."]
    (target / BIG).write_bytes(bytes(data[:-5]))
    assert len(damages(target)) == 1
    with pytest.raises(WeightsError, match=f"cielr weights fetch {NAME}"):
        find(NAME)
    hub.asked.clear()
    assert fetch(NAME, endpoint=hub.url) == target
    assert hub.fetched == [BIG]
    assert damages(target, deep=True) == []
    (target / "config.json").unlink()
    assert [one.state for one in check() if one.weights.name == NAME] == ["missing"]
    fetch(NAME, endpoint=hub.url)
    assert find(NAME) == target


def test_folders_put_there_by_hand_are_found_by_their_repositorys_name_and_judged_by_their_headers(tmp_path):
    folder = tmp_path / "models" / "sam2" / "sam2.1-hiera-tiny"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert "holds no weights" in damages(folder)[0]
    (folder / BIG).write_bytes(safetensors(1000))
    assert find(NAME) == folder
    (folder / BIG).write_bytes(safetensors(1000)[:-1])
    with pytest.raises(WeightsError, match="cut short"):
        find(NAME)
    (folder / BIG).write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 155\n")
    assert "is cut short" in damages(folder)[0]
    (folder / BIG).unlink()
    (folder / "model-00001-of-00002.safetensors").write_bytes(safetensors(10))
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert damages(folder) == [f"{folder / 'model-00002-of-00002.safetensors'} is missing."]


def test_a_whole_model_counts_before_a_damaged_one_elsewhere(tmp_path):
    roots = [tmp_path / "a", tmp_path / "b"]
    for root, data in zip(roots, (b"", safetensors(10)), strict=True):
        folder = root / "sam2" / NAME
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        (folder / BIG).write_bytes(data)
    assert find(NAME, roots) == roots[1] / "sam2" / NAME


def test_models_are_looked_for_in_comfyuis_folders_and_in_the_users_cache(tmp_path, monkeypatch):
    from cielr.weights.folders import roots

    monkeypatch.delenv("CIELR_MODELS")
    assert roots() == [tmp_path / "home" / ".cache" / "cielr" / "models"]
    comfyui = tmp_path / "ComfyUI"
    comfyui.mkdir()
    for name in ("main.py", "nodes.py"):
        (comfyui / name).touch()
    monkeypatch.setenv("COMFYUI_PATH", str(comfyui))
    assert roots()[0] == comfyui / "models"
    monkeypatch.setenv("CIELR_MODELS", str(tmp_path / "first"))
    assert roots()[0] == tmp_path / "first"


def test_every_entry_of_the_catalogue_is_complete_and_named_once():
    names = [one.name for one in weights.catalogue()]
    assert len(set(names)) == len(names)
    for one in weights.catalogue():
        assert entry(one.name) is entry(one.repository) is one
        assert one.repository.count("/") == 1
        assert one.megabytes > 50
        assert one.licence
    with pytest.raises(WeightsError, match="owlv2-base"):
        entry("yolo")


# ------------------------------------------------------------------------------------- folders that ComfyUI is told of


@pytest.fixture
def comfyui(tmp_path, monkeypatch):
    folder = tmp_path / "ComfyUI"
    folder.mkdir()
    for name in ("main.py", "nodes.py"):
        (folder / name).touch()
    monkeypatch.setenv("COMFYUI_PATH", str(folder))
    monkeypatch.delenv("CIELR_MODELS")
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "mine:\n    base_path: {disk}   # my disk\n    sam2: eyes/sam\n",
        "mine:\n    base_path: '{disk}/eyes'\n    is_default: true\n    sam2: |\n        elsewhere\n        sam\n",
        "mine:\n    sam2: {disk}/eyes/sam\n",
        "mine: {{base_path: {disk}, sam2: eyes/sam, loras: l}}\n",
        "empty:\nmine:\n  sam2: ../disk/eyes/sam/\n",
        "mine:\n  base_path: ${{EYES_DISK}}/eyes\n  sam2: sam\n",
    ],
)
@pytest.mark.parametrize("below", ["sam2.1-tiny", "mine/sam2.1-hiera-tiny"])
def test_extra_model_paths_are_read_as_comfyui_reads_them(comfyui, tmp_path, monkeypatch, text, below):
    pytest.importorskip("yaml")
    monkeypatch.setenv("EYES_DISK", str(tmp_path / "disk"))
    (comfyui / "extra_model_paths.yaml").write_text(text.format(disk=tmp_path / "disk"))
    model = tmp_path / "disk" / "eyes" / "sam" / below
    model.mkdir(parents=True)
    (model / "config.json").write_text('{"model_type": "sam2"}')
    (model / BIG).write_bytes(safetensors(100))
    assert find(NAME) == model


def test_extra_model_paths_that_do_not_read_are_told_and_stop_nothing(comfyui, monkeypatch):
    pytest.importorskip("yaml")
    from cielr.weights.folders import model_folders, unread_extra_folders

    file = comfyui / "extra_model_paths.yaml"
    assert unread_extra_folders() == ""
    for text in ("mine: {", "- a\n- b\n", "[" * 1000, "x" * (1 << 20) + ": 1"):
        file.write_text(text)
        why = unread_extra_folders()
        assert why.startswith(f"{file} is not read: it ")
        assert "\n" not in why
        assert model_folders("sam2")[0] == comfyui / "models" / "sam2"
    for text in ("", "a:\n", "a: 3\n", "a:\n  sam2: [1]\n  3: x\n"):
        file.write_text(text)
        assert unread_extra_folders() == ""
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert unread_extra_folders() == f"{file} is not read: PyYAML is not installed (pip install pyyaml)."


# ------------------------------------------------------------------------------------------- files that mean no good


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
        (archive(pickle.dumps({"a": Large()}, 2)), "bytearray, which is no tensor"),
        (archive(pickle.dumps({"a": Runs()}, 2)), "eval, which is no tensor"),
        (archive(pickle.dumps({"a": Large()}, 4)), "other things than tensors"),
        (archive(pickle.dumps({"a": 1}, 2)), "other things than tensors"),
        (archive(pickle.dumps({}, 2), packed=True), "packed"),
        (pickle.dumps({"a": Large()}, 2), "no archive"),
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

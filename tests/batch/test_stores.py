"""Photos out of object stores and results into them, through fsspec's store in memory."""

import json

import numpy as np
import pytest
from batches import INSTRUCTION, Inline, disc_photo, photo_folder
from PIL import Image

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")

from cielr.batch import BatchSettings, run_batch  # noqa: E402
from cielr.batch.ledger import read_outcomes  # noqa: E402
from cielr.batch.places import Goal, is_url, joined, local  # noqa: E402
from cielr.batch.source import Source  # noqa: E402
from cielr.batch.work import Work  # noqa: E402
from cielr.cli import main as cli  # noqa: E402
from cielr.errors import CielrError, MissingDependency  # noqa: E402


@pytest.fixture
def store(tmp_path):
    """A store with four photos, one of them broken."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    folder = photo_folder(tmp_path / "local", 4)
    for path in folder.rglob("*.png"):
        files.pipe_file(f"/bucket/in/{path.relative_to(folder).as_posix()}", path.read_bytes())
    files.pipe_file("/bucket/in/broken.png", b"nothing")
    files.pipe_file("/bucket/in/notes.txt", b"no photo")
    yield files
    files.store.clear()


def batch_of(source, tmp_path):
    home = tmp_path / "ledger"
    goal = Goal("memory://bucket/out", str(home / "parts"))
    settings = BatchSettings(Source((source,)), goal, home, {"instruction": INSTRUCTION})
    return settings, Work(goal, settings.thumbnails, dict, INSTRUCTION, ("disc",))


def test_photos_come_from_a_store_and_results_go_there(store, tmp_path):
    settings, work = batch_of("memory://bucket/in", tmp_path)
    summary = run_batch(settings, Inline(work.start()))
    assert (summary.done, summary.failed) == (4, 1)
    names = sorted(name for name in store.find("/bucket/out"))
    assert names == [
        *("/bucket/out/00.png", "/bucket/out/01.png", "/bucket/out/03.png", "/bucket/out/more/02.png"),
        "/bucket/out/results.jsonl",
    ]
    after = np.asarray(Image.open(store.open("/bucket/out/more/02.png")))
    assert after.shape == disc_photo(2).shape
    assert (after != disc_photo(2)).any()
    [failed] = [outcome for outcome in read_outcomes(tmp_path / "ledger") if outcome.status == "failed"]
    assert (
        failed.reason == "memory://bucket/in/broken.png is not an image that can be read; save it as PNG or JPEG first."
    )
    assert store.cat_file("/bucket/out/results.jsonl") == (tmp_path / "ledger" / "results.jsonl").read_bytes()


def test_a_manifest_in_a_store_names_photos_beside_it_and_anywhere(store, tmp_path):
    here = tmp_path / "here.png"
    Image.fromarray(disc_photo(7)).save(here)
    lines = [{"image": "00.png"}, {"image": "memory://bucket/in/more/02.png"}, {"image": "absent.png"}]
    store.pipe_file("/bucket/in/jobs.jsonl", "\n".join(map(json.dumps, lines)).encode())
    settings, work = batch_of("memory://bucket/in/jobs.jsonl", tmp_path)
    summary = run_batch(settings, Inline(work.start()))
    assert (summary.done, summary.failed) == (2, 1)
    assert store.exists("/bucket/out/bucket/in/more/02.png")
    assert "There is no file memory://bucket/in/absent.png." in [example.reason for example in summary.examples]


def test_a_glob_in_a_store(store):
    found = [placed.item.image for placed in Source(("memory://bucket/in/0*.png",)).items()]
    assert found == ["00.png", "01.png", "03.png"]


def test_a_store_that_takes_nothing_fails_each_photo(store, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError("the bucket is full")

    settings, work = batch_of("memory://bucket/in", tmp_path)
    monkeypatch.setattr(type(store), "pipe_file", full)
    monkeypatch.setattr(type(store), "put_file", lambda *_, **__: None)
    summary = run_batch(settings, Inline(work.start()))
    assert summary.reasons == {"ImageError": 5}
    assert any("the bucket is full" in example.reason for example in summary.examples)


def test_addresses_and_paths():
    assert is_url("s3://bucket/a")
    assert not is_url("file:///a b")
    assert not is_url("C:/photos")
    assert local("file:///a%20b") == "/a b"
    assert joined("s3://bucket/in", "a/b.png") == "s3://bucket/in/a/b.png"
    assert joined("/photos", "s3://bucket/b.png") == "s3://bucket/b.png"
    assert joined("/photos", "b.png") == "/photos/b.png"


def test_a_store_that_nobody_knows_and_one_whose_package_is_missing(tmp_path, monkeypatch):
    with pytest.raises(CielrError, match=r"gopher://a/b is not a store that fsspec knows"):
        list(Source(("gopher://a/b",)).items())

    def missing(*_, **__):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("fsspec.core.url_to_fs", missing)
    with pytest.raises(MissingDependency, match="'s3fs' is not installed"):
        list(Source(("s3://bucket/in",)).items())


def test_a_file_address_is_a_folder_for_the_command(tmp_path):
    folder = photo_folder(tmp_path / "pho tos", 1)
    out = (tmp_path / "re sults").as_uri()
    assert cli.main(["batch", folder.as_uri(), INSTRUCTION, "-l", "disc", "-o", out, "-w", "1", "-q"]) == 0
    assert (tmp_path / "re sults" / "00.png").exists()


def test_results_in_a_store_need_a_folder_for_the_ledger(tmp_path, capsys):
    folder = photo_folder(tmp_path / "photos", 1)
    assert cli.main(["batch", str(folder), INSTRUCTION, "-o", "memory://bucket/out"]) == 2
    assert "--ledger" in capsys.readouterr().err

"""Where a batch's photos come from, in what order, and what their results are called."""

import json
import os
import sys
from pathlib import Path

import pytest
from batches import photo_folder

from cielr.batch.index import Index
from cielr.batch.items import BadItem, Item
from cielr.batch.names import own_name, wished_name
from cielr.batch.source import Source, instructed
from cielr.errors import CielrError


def items(*places, results=""):
    return list(Source(tuple(map(str, places)), str(results)).items())


def images(*places, **more):
    return [placed.item.image for placed in items(*places, **more)]


# --------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("a.jpg", "a.jpg"),
        ("sub/deeper/a.TIF", "sub/deeper/a.TIF"),
        ("a.gif", "a.png"),
        ("no suffix", "no suffix.png"),
        ("../../etc/passwd.png", "passwd.png"),
        ("/abs/olute.png", "olute.png"),
        ("C:\\photos\\a.png", "a.png"),
        ("sub/./a.png", "sub/a.png"),
        ("Zwei Münzen #1 (コイン).png", "Zwei Münzen #1 (コイン).png"),
        ('we"ird<name>?.png', "we_ird_name__.png"),
        ("line\nbreak.png", "line_break.png"),
        ("-rf.png", "_-rf.png"),
        ("con.png", "_con.png"),
        ("dots. /a.png", "dots/a.png"),
        ("cielr-batch/a.png", "cielr-batch-2/a.png"),
        ("s3://bucket/x/a.png", "bucket/x/a.png"),
    ],
)
def test_a_result_has_its_photos_name_as_far_as_that_is_safe(image, name):
    assert wished_name(Item(image=image)) == name


def test_the_format_and_a_manifest_may_say_otherwise():
    assert wished_name(Item(image="a.jpg"), ".png") == "a.png"
    assert wished_name(Item(image="a.jpg", output="new/b"), ".webp") == "new/b.webp"
    assert wished_name(Item(image="a.jpg", output="../../b.png")) == "b.png"


def test_a_name_that_no_system_takes_is_cut_and_stays_its_own():
    long, other = "ä" * 300 + "1.png", "ä" * 300 + "2.png"
    names = [wished_name(Item(image=image)) for image in (long, other)]
    assert len(set(names)) == 2
    for name in names:
        assert len(name.encode()) <= 255
        assert name.endswith(".png")


def test_no_two_results_have_one_name(tmp_path):
    names = Index()
    given = [own_name(name, names) for name in ("a.png", "A.PNG", "a-2.png", "a.png", "b/a.png", "a.png")]
    assert given == ["a.png", "A-2.PNG", "a-2-2.png", "a-3.png", "b/a.png", "a-4.png"]
    assert len({name.casefold() for name in given}) == len(given)


# ------------------------------------------------------------------------------------------------------------- sources


def test_a_folder_is_walked_in_order_without_the_results_and_what_is_hidden(tmp_path):
    folder = photo_folder(tmp_path / "photos", 4)
    for name in ("notes.txt", ".hidden.png", "out/00.png", ".cache/1.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"")
    source = Source((str(folder),), str(folder / "out"))
    assert [placed.item.image for placed in source.items()] == ["00.png", "01.png", "03.png", "more/02.png"]
    assert source.count() == 4


def test_a_glob_keeps_the_folders_below_its_fixed_part(tmp_path):
    folder = photo_folder(tmp_path / "photos", 3)
    assert images(f"{folder}/*.png") == ["00.png", "01.png"]
    assert images(f"{folder}/**/*.png") == ["00.png", "01.png", "more/02.png"]
    assert images(folder / "01.png", folder / "more") == ["01.png", "02.png"]
    with pytest.raises(CielrError, match="holds nothing to edit"):
        images(f"{folder}/*.webp")


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_name_that_is_no_text_fails_alone(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / os.fsdecode(b"b\xff.png")).write_bytes(b"")
    first, bad = items(tmp_path)
    assert first.item.image == "a.png"
    assert (bad.where, bad.why) == ("b\ufffd.png", "The file's name is not text in UTF-8; give it another one.")


def test_a_manifest_of_lines_says_what_each_photo_is_for(tmp_path):
    manifest = tmp_path / "jobs.jsonl"
    lines = [
        {"image": "a.png", "instruction": "remove the cup", "labels": ["cup"], "seed": 3},
        {"photo": "b.png", "prompt": "blur it", "labels": "cup, plate"},
        {"image": "c.png", "plan": {"actions": [], "summary": ""}},
        {"instruction": "no photo"},
        {"image": "d.png", "sede": 4},
    ]
    manifest.write_text("\ufeff" + "\n".join(map(json.dumps, lines)) + "\n\nnot json\n[1]\n", encoding="utf-8")
    found = items(manifest)
    assert [placed.item.image for placed in found[:3]] == ["a.png", "b.png", "c.png"]
    assert all(placed.base == str(tmp_path) for placed in found[:3])
    assert found[0].item.labels == ("cup",)
    assert found[1].item.labels == ("cup", "plate")
    assert found[1].item.instruction == "blur it"
    assert [(bad.where, bad.why.split(";")[0]) for bad in found[3:]] == [
        ("jobs.jsonl, line 4", "The line names no image."),
        ("jobs.jsonl, line 5", "The line is not an item of a batch: 'sede' does not belong there."),
        ("jobs.jsonl, line 7", "The line is not JSON: it begins with 'not' and not with a brace."),
        ("jobs.jsonl, line 8", "The line is not names and values in braces."),
    ]


def test_a_manifest_without_photos_and_columns_without_end_are_a_sentence(tmp_path):
    (tmp_path / "none.jsonl").write_text("\n\n")
    with pytest.raises(CielrError, match=r'each of its lines names a photo, such as {"image": "a.png"}'):
        items(tmp_path / "none.jsonl")
    (tmp_path / "open.csv").write_text('image\na.png\n"' + "b" * 200_000)
    with pytest.raises(CielrError, match=r"open.csv, line \d is not read as columns .* look at its quotation marks"):
        items(tmp_path / "open.csv")


def test_a_folder_whose_name_is_no_text_has_words_for_a_ledger():
    named = [Source((place,)).words for place in ("/x/\udcff", "/x/\udcfe")]
    assert named == ["/x/\\udcff", "/x/\\udcfe"]


def test_a_manifest_of_columns(tmp_path):
    manifest = tmp_path / "jobs.csv"
    manifest.write_text(
        'Image,instruction,labels,seed\na.png,"remove it, all",cup; plate,7\nb.png,blur,,\nc.png,x,,,,9\n'
    )
    first, second, bad = items(manifest)
    assert (first.item.instruction, first.item.labels, first.item.seed) == ("remove it, all", ("cup", "plate"), 7)
    assert (second.item.labels, second.item.seed) == (None, None)
    assert isinstance(bad, BadItem)
    assert "more fields" in bad.why
    manifest.write_text("name,what\n1,2\n")
    with pytest.raises(CielrError, match="names no column 'image'"):
        items(manifest)


def test_an_empty_manifest_and_other_files_are_refused(tmp_path):
    for name in ("empty.jsonl", "empty.csv", "notes.txt"):
        (tmp_path / name).write_text("")
        with pytest.raises(CielrError, match=r"nothing to edit|neither a photo nor a manifest|names no column"):
            items(tmp_path / name)
    with pytest.raises(CielrError, match="There is no file or folder"):
        Source((str(tmp_path / "absent"),)).check()


def test_the_last_word_is_the_instruction(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("b.jpg").write_bytes(b"")
    assert instructed(["photos", "remove it"], False) == (("photos",), "remove it")
    assert instructed(["jobs.jsonl"], False) == (("jobs.jsonl",), "")
    assert instructed(["a", "b.jpg"], True) == (("a", "b.jpg"), "")
    with pytest.raises(CielrError, match=r"b\.jpg is a file; after the photos comes the instruction"):
        instructed(["a.jpg", "b.jpg"], False)


def test_a_file_address_is_a_path(tmp_path):
    folder = photo_folder(tmp_path / "pho tos", 2)
    address = folder.as_uri()
    assert "%20" in address
    [first, _] = items(address)
    assert os.path.join(first.base, first.item.image) == str(folder / "00.png")

"""`cielr edit --variants` and `--choice`: a photo for each, and one with those that are kept."""

import json

import numpy as np
import pytest
from cli_help import refused, well
from discs import masks, picture
from PIL import Image

pytestmark = pytest.mark.usefixtures("eyes")
WORDS = "remove the largest disc"


@pytest.fixture
def photo(tmp_path):
    """The discs on grain, so that what fills a hole shows by which seed."""
    grain = np.random.default_rng(1).integers(-30, 30, (200, 240, 3))
    path = tmp_path / "discs.png"
    Image.fromarray(np.clip(picture() + grain, 0, 255).astype(np.uint8)).save(path)
    return path


def pixels(path):
    return np.asarray(Image.open(path))


def seeds_told(out):
    written = [line for line in out.splitlines() if line.startswith("Written")]
    return [line.split("seeds ")[1].rstrip(")") for line in written if "seeds " in line]


def test_each_variant_is_a_photo_and_is_had_again_by_its_seeds(run, photo, tmp_path):
    out = well(run("edit", photo, WORDS, "-o", tmp_path / "out.png", "--variants", "3"))
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out-1.png", "out-2.png", "out-3.png"]
    made = [pixels(tmp_path / f"out-{number}.png") for number in (1, 2, 3)]
    far = np.ones((200, 240), bool)
    far[20:100, 110:210] = False
    for after in made:
        assert np.array_equal(after[far], pixels(photo)[far])
    assert len({after.tobytes() for after in made}) == 3
    told = seeds_told(out)
    assert len(told) == 3
    run("edit", photo, WORDS, "-o", tmp_path / "plain.png")
    assert np.array_equal(pixels(tmp_path / "plain.png"), made[0])
    out = well(run("edit", photo, WORDS, "-o", tmp_path / "kept.png", "--choice", told[2]))
    assert np.array_equal(pixels(tmp_path / "kept.png"), made[2])


def test_json_lists_them_all(run, photo, tmp_path):
    code, out, _ = run("edit", photo, WORDS, "-o", tmp_path / "out.png", "--variants", "2", "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts["output"] == str(tmp_path / "out-1.png")
    assert [single["output"] for single in facts["variants"]] == [str(tmp_path / f"out-{n}.png") for n in (1, 2)]
    assert facts["seeds"] == facts["variants"][0]["seeds"] != facts["variants"][1]["seeds"]
    assert all(region["changed_outside"] == 0 for single in facts["variants"] for region in single["regions"])


def test_what_code_does_is_written_once_and_told(run, photo, tmp_path):
    out = well(run("edit", photo, "darken the largest disc", "-o", tmp_path / "out.png", "--variants", "3"))
    assert [path.name for path in tmp_path.glob("out*")] == ["out-1.png"]
    assert "so there is one variant" in " ".join(out.split())


def test_a_seed_that_is_none_of_this_edit_is_told(run, photo, tmp_path):
    out = well(run("edit", photo, WORDS, "-o", tmp_path / "out.png", "--choice", "12"))
    assert "No region has a variant with the seed 12" in " ".join(out.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--variants", "2", "--dry-run"], "--dry-run paints nothing"),
        (["--variants", "2", "-o", "-"], "the standard output takes one"),
        (["--variants", "13"], "less than or equal to 12"),
        (["--choice", "third"], "'choice' holds 'third', which is not a seed"),
        (["--variants", "2", "--choice", "7"], "Both variants and a choice are given"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run, photo, tmp_path, options, words):
    output = [] if "-o" in options else ["-o", tmp_path / "out.png"]
    ran = run("edit", photo, WORDS, *output, *options)
    assert words in refused(ran, ran[0])
    assert ran[0] != 0
    assert list(tmp_path.glob("out*")) == []


def test_none_is_written_over_a_file_that_is_there(run, photo, tmp_path):
    (tmp_path / "out-2.png").write_bytes(b"mine")
    ran = run("edit", photo, WORDS, "-o", tmp_path / "out.png", "--variants", "3")
    assert "out-2.png exists already" in refused(ran, ran[0])
    assert [path.name for path in tmp_path.glob("out*")] == ["out-2.png"]
    assert (tmp_path / "out-2.png").read_bytes() == b"mine"


def test_the_largest_disc_is_gone_in_all(run, photo, tmp_path):
    run("edit", photo, WORDS, "-o", tmp_path / "out.png", "--variants", "2")
    middle = masks()["disc_2"]
    for number in (1, 2):
        after = pixels(tmp_path / f"out-{number}.png")[middle].astype(int)
        assert np.abs(after.mean(axis=0) - (40, 90, 60)).max() < 15

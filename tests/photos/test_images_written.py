"""Writing photos: nothing is replaced, dropped or left half done unasked."""

import errno
import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from image_help import colours, refused
from PIL import Image, PngImagePlugin

from cielr.errors import ImageError, MissingDependency
from cielr.photos.photo import Photo, read_photo
from cielr.photos.write import FORMATS, check_output, write_photo


def test_an_existing_file_is_replaced_only_when_told(tmp_path):
    path = write_photo(tmp_path / "a.png", colours())
    before = path.read_bytes()
    assert "--overwrite" in refused(write_photo, path, colours(seed=1))
    assert path.read_bytes() == before
    write_photo(path, colours(seed=1), overwrite=True)
    assert path.read_bytes() != before


@pytest.mark.parametrize("name", ["a.xyz", "a", "a.gif"])
def test_an_unknown_suffix(tmp_path, name):
    sentence = refused(check_output, tmp_path / name)
    assert ".png" in sentence
    assert ".webp" in sentence


def test_a_missing_folder(tmp_path):
    assert "does not exist" in refused(write_photo, tmp_path / "no" / "a.png", colours())


def test_a_read_only_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "read-only" in refused(write_photo, tmp_path / "a.png", colours())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator writes everywhere")
def test_a_folder_without_write_permission(tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert "read-only" in refused(write_photo, tmp_path / "a.png", colours())
    finally:
        tmp_path.chmod(0o700)


def test_a_quality_out_of_range_or_without_meaning(tmp_path):
    assert "1 to 100" in refused(check_output, tmp_path / "a.jpg", quality=0)
    assert "takes no quality" in refused(check_output, tmp_path / "a.png", quality=90)


@pytest.mark.parametrize("suffix", [".jpg", ".bmp"])
def test_transparency_is_not_dropped_silently(tmp_path, suffix):
    photo = read_photo(colours(channels=4))
    assert "hold what is transparent in the picture" in refused(
        write_photo, tmp_path / f"a{suffix}", photo.pixels, photo
    )
    opaque = Photo(photo.pixels, np.full(photo.alpha.shape, 255, np.uint8))
    assert write_photo(tmp_path / f"a{suffix}", photo.pixels, opaque).exists()


def test_numbers_that_are_none_are_not_written(tmp_path):
    assert "not numbers" in refused(write_photo, tmp_path / "a.png", np.full((4, 4, 3), np.nan, np.float32))


def test_a_picture_that_the_format_cannot_hold(tmp_path):
    sentence = refused(write_photo, tmp_path / "a.webp", np.zeros((2, 20000, 3), np.uint8))
    assert "a.webp" in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("replaces", [False, True])
def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch, replaces):
    if replaces:
        (tmp_path / "a.png").write_text("what was there before")

    def full(_):
        # many file systems find out only here
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "the disk is full; make room there, or name another place" in refused(
        write_photo, tmp_path / "a.png", colours(), overwrite=True
    )
    assert [path.name for path in tmp_path.iterdir()] == (["a.png"] if replaces else [])
    if replaces:
        assert (tmp_path / "a.png").read_text() == "what was there before"


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on file sizes")
def test_a_limit_of_the_system_on_file_sizes_leaves_no_half_file(tmp_path):
    # a real write that the kernel breaks off, as it does on a full disk
    code = f"""
import resource, signal, numpy as np
from cielr.photos.write import write_photo
from cielr.errors import ImageError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_photo({str(tmp_path / "a.bmp")!r}, np.zeros((100, 100, 3), np.uint8))
except ImageError as error:
    print("refused:", error)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert ran.stdout.startswith("refused:"), ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_file_gets_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    path = write_photo(tmp_path / "a.png", colours())
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path):
    path = write_photo(tmp_path / "a.png", colours())
    for mode in (0o600, 0o640, 0o666):
        path.chmod(mode)
        write_photo(path, colours(seed=mode), overwrite=True)
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    (tmp_path / "album").mkdir()
    goal = write_photo(tmp_path / "album" / "a.png", colours())
    link = tmp_path / "link.png"
    try:
        link.symlink_to(goal)
    except OSError:
        pytest.skip("links cannot be made here")
    assert "--overwrite" in refused(write_photo, link, colours(seed=1))
    assert write_photo(link, colours(seed=1), overwrite=True) == goal.resolve()
    assert link.is_symlink()
    assert (read_photo(goal).pixels == colours(seed=1)).all()
    goal.unlink()
    assert "--overwrite" in refused(write_photo, link, colours())
    link.unlink()
    link.symlink_to(tmp_path / "nowhere" / "a.png")
    assert "does not exist" in refused(write_photo, link, colours(), overwrite=True)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_what_a_killed_run_left_half_written_is_removed_by_the_next(tmp_path):
    code = f"""
import os, signal, numpy as np
from cielr.photos.write import write_photo
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
write_photo({str(tmp_path / "a.png")!r}, np.zeros((100, 100, 3), np.uint8))
"""
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    [left] = tmp_path.iterdir()
    assert left.suffix == ".part"
    # of a run that is still at work, of another machine, and of another program
    mine = left.name.rsplit("-", 2)
    kept = [left.with_name(f"{mine[0]}-{os.getpid()}-{mine[2]}")]
    kept += [left.with_name(left.name.replace(mine[0][-8:], "00000000")), tmp_path / ".download.part"]
    for path in kept:
        path.touch()
    write_photo(tmp_path / "b.png", colours())
    assert sorted(tmp_path.iterdir()) == sorted([*kept, tmp_path / "b.png"])


def test_every_suffix_writes_what_reads_back(tmp_path):
    for suffix in FORMATS:
        flat = np.full((64, 64, 3), 90, np.uint8)
        if suffix in (".avif", ".heic", ".heif"):
            with suppress(ImageError, MissingDependency):
                write_photo(tmp_path / f"a{suffix}", flat)
            if not (tmp_path / f"a{suffix}").exists():
                continue
        path = write_photo(tmp_path / f"a{suffix}", flat, overwrite=True)
        assert abs(read_photo(path).pixels.astype(int) - 90).max() < 8


def test_text_in_a_png_does_not_disturb(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("workflow", "{}" * 1000)
    Image.fromarray(colours()).save(tmp_path / "a.png", pnginfo=info)
    assert read_photo(tmp_path / "a.png").exif is None

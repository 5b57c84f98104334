"""The photo of a bundled workflow comes along with it, and no photo of the user's is ever touched."""

import urllib.error

import numpy as np
import pytest
from PIL import Image

from tests.comfyui.conftest import COINS
from tests.comfyui.extension_help import load, run, wait_until_ready


def opened_again(page):
    page.reload()
    wait_until_ready(page)
    page.wait_for_timeout(800)


def test_the_quickstart_s_photo_comes_along_where_the_input_folder_lacks_it(page):
    photo = page.folder / "input" / "coins.png"
    photo.unlink(missing_ok=True)
    try:
        opened_again(page)
        assert not photo.exists()
        load(page, "with its photo")
        page.wait_for_timeout(1500)
        assert photo.read_bytes() == COINS.read_bytes()
        run(page)
    finally:
        photo.write_bytes(COINS.read_bytes())


def test_a_file_of_that_name_is_left_as_it_is(page):
    photo = page.folder / "input" / "coins.png"
    own = np.full((40, 60, 3), 200, dtype=np.uint8)
    Image.fromarray(own).save(photo)
    try:
        opened_again(page)
        load(page, "with my photo")
        page.wait_for_timeout(1500)
        assert np.array_equal(np.asarray(Image.open(photo).convert("RGB")), own)
    finally:
        photo.write_bytes(COINS.read_bytes())


def test_the_server_gives_the_pack_s_photos_and_nothing_else(comfy):
    assert comfy.get_json("/cielr/photos") == [
        *("coffee.jpg", "coffee_mask.png"),
        *("coins.png", "coins_never.png", "coins_only.png"),
    ]
    assert comfy.get("/cielr/photos/coins.png") == COINS.read_bytes()
    for name in ("README.md", "..%2F__init__.py", "%2Fetc%2Fpasswd"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            comfy.get(f"/cielr/photos/{name}")

"""Writing a photo: seconds and size of our PNG and TIFF files, beside Pillow's own at its default (level 6).

A picture of 4 megapixels with the fine grain of a photo, and the bundled one enlarged, which is smooth. `--compress` is
what `cielr edit --compress` writes. Every file is read back and compared: all of them are exact.
"""

from __future__ import annotations

import io
from functools import partial

import numpy as np
from _measure import seconds, table
from PIL import Image
from sizes import crowded, photo

from cielr.photos.encode import fast_compressor, png, tiff


def by_pillow(image: np.ndarray, kind: str, **options: object) -> bytes:
    memory = io.BytesIO()
    Image.fromarray(image).save(memory, kind, **options)
    return memory.getvalue()


def main() -> None:
    rows = []
    for name, image in (("grain", crowded(4)), ("smooth", photo(4))):
        ways = {
            "Pillow, PNG": partial(by_pillow, image, "PNG"),
            "ours, PNG": partial(png, image),
            "ours, PNG, --compress": partial(png, image, small=True),
            "Pillow, TIFF deflate": partial(by_pillow, image, "TIFF", compression="tiff_adobe_deflate"),
            "ours, TIFF": partial(tiff, image),
            "ours, TIFF, --compress": partial(tiff, image, small=True),
        }
        for way, write in ways.items():
            data = write()
            assert (np.asarray(Image.open(io.BytesIO(data), formats=["PNG", "TIFF"])) == image).all()
            took, size = seconds(write, runs=1), len(data)
            if way.startswith("Pillow"):
                usual, large = took, size
            rows.append(
                (name, way, f"{took:.2f} s", f"{usual / took:.1f} x", f"{size / 1e6:.1f} MB", f"{size / large:.2f}")
            )
    module = type(fast_compressor()).__module__
    head = ("picture", "written by", "seconds", "as fast as Pillow", "size", "of Pillow's")
    table(f"Writing 4 megapixels of 8-bit colour, deflate by {module}", head, rows)


if __name__ == "__main__":
    main()

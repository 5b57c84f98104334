"""Pages whose frame is a file: places such as <!--title--> are filled with values that are HTML already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources


def filled_page(package: str, name: str, values: Mapping[str, str]) -> str:
    """The page in a package's file, with a value at every place; texts in values are escaped by whoever gives them."""
    template = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    # in one pass, so that a value that looks like a place is not filled again
    return re.sub(r"<!--([a-z-]+)-->", lambda match: values[match[1]], template)

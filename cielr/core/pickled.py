"""Weights that torch pickled, looked at before torch follows their index.

`weights_only` keeps an index from running code, not from asking for gigabytes in a few hundred bytes.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

ALLOWED = frozenset(
    {
        ("collections", "OrderedDict"),
        ("torch._utils", "_rebuild_tensor_v2"),
        ("torch._utils", "_rebuild_parameter"),
        *(
            ("torch", f"{kind}Storage")
            for kind in ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Byte", "Bool")
        ),
    }
)
"""What the index of a `.pth` may name: tensors in a dictionary. Others make room without bound, or run."""
MOST_INDEX = 64 << 20
"""Bytes of an index: one of a million tensors takes less."""


class MoreThanWeights(ValueError):
    """An index names what is no tensor, and may run or make room without bound."""


def check_archive(file: Path) -> None:
    """Holds a `.pth` or `.pt` file against what an archive of tensors looks like.

    Raises:
        ValueError: a clause, where it is another kind of file, or its index names anything but tensors.
    """
    if not zipfile.is_zipfile(file):
        raise ValueError("it is not an archive as torch has saved them since version 1.6, or its end is missing")
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise ValueError("it is packed, as torch saves no weights")
        indexes = [entry for entry in entries if entry.filename.endswith("data.pkl")]
        if len(indexes) != 1 or indexes[0].file_size > MOST_INDEX:
            raise ValueError("it has no index of its tensors, or one without end")
        _check_index(archive.read(indexes[0]))


def _check_index(data: bytes) -> None:
    """Raises MoreThanWeights where a pickle names anything but what ALLOWED has."""
    import pickletools

    for code, argument, _ in pickletools.genops(data):
        if code.name in ("STACK_GLOBAL", "INST", "OBJ", "EXT1", "EXT2", "EXT4", "NEWOBJ", "NEWOBJ_EX"):
            raise MoreThanWeights("its index holds other things than tensors")
        if code.name == "GLOBAL":
            module, _, name = str(argument).partition(" ")
            if (module, name) not in ALLOWED:
                raise MoreThanWeights(f"its index names {module}.{name}, which is not a tensor")

"""Where a batch's files lie: folders of this machine, or object stores through fsspec."""

from __future__ import annotations

import glob
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from ..core.serial import why_not_written
from ..errors import CielrError, ImageError, MissingDependency

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_url(place: str) -> bool:
    """Whether a place is an address of a store; a file:// address is a path like any other."""
    return URL.match(place) is not None and not place.lower().startswith("file://")


def local(place: str) -> str:
    """The path of a place that may be a file:// address."""
    return unquote(urlsplit(place).path) if place.lower().startswith("file://") else place


def joined(base: str, name: str) -> str:
    """A name below a folder or an address; a name that is a whole path or address stands for itself."""
    if is_url(name) or not base:
        return name
    return f"{base.rstrip('/')}/{name}" if is_url(base) else os.path.join(base, local(name))


def store_of(url: str) -> tuple[Any, str]:
    """(fsspec's file system, the path in it) of an address.

    Raises:
        MissingDependency: without fsspec, or without its package for this kind of store; CielrError: for an address
            that it does not know.
    """
    try:
        import fsspec
    except ImportError as error:
        raise MissingDependency("fsspec", "store") from error
    try:
        return fsspec.core.url_to_fs(url)
    except ImportError as error:
        package = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
        scheme = url.partition("://")[0].lower()
        raise MissingDependency(package.get(scheme, f"fsspec's store for {scheme}://"), "store") from error
    except ValueError as error:
        raise CielrError(f"{url} is not a store that fsspec knows: {error}.") from error


def read_bytes(url: str) -> bytes:
    """What lies at an address.

    Raises:
        ImageError: where nothing does, or it cannot be had.
    """
    files, path = store_of(url)
    try:
        return files.cat_file(path)
    except FileNotFoundError as error:
        raise ImageError(f"There is no file {url}.") from error
    except Exception as error:
        # a store's client raises whatever it likes
        raise ImageError(f"{url} cannot be read: {_reason(error)}.") from error


def open_binary(place: str) -> BinaryIO:
    """A file to be read line by line.

    Raises:
        CielrError: where it cannot be opened.
    """
    try:
        if not is_url(place):
            return open(local(place), "rb")
        files, path = store_of(place)
        return files.open(path, "rb")
    except OSError as error:
        raise CielrError(f"{place} cannot be read: {_reason(error)}.") from error


@dataclass(frozen=True)
class Goal:
    """Where results go: a folder or an address; picklable, since every worker has one.

    Attributes:
        place: the folder or address; parts: a folder beside, where files are while they are written.
    """

    place: str
    parts: str = ""

    def prepare(self) -> None:
        """Makes the folders, and removes what a kill left half written.

        Raises:
            ImageError: where nothing can be written there.
        """
        if is_url(self.place):
            store_of(self.place)
            return
        try:
            for folder in (local(self.place), self.parts):
                os.makedirs(folder, exist_ok=True)
            for entry in os.scandir(self.parts):
                os.unlink(entry.path)
        except OSError as error:
            raise ImageError(f"Nothing can be written to {self.place}: {why_not_written(error)}.") from error
        if not os.access(local(self.place), os.W_OK | os.X_OK):
            raise ImageError(f"The folder {self.place} is read-only; name another place for the results.")

    def tidy(self) -> None:
        """Removes the folder for parts, with what a worker left there that died as it wrote."""
        if not is_url(self.place):
            shutil.rmtree(self.parts, ignore_errors=True)

    def write(self, name: str, data: bytes) -> None:
        """A file of that name, whole or not there.

        Raises:
            ImageError: where it cannot be written.
        """
        try:
            if is_url(self.place):
                files, path = store_of(joined(self.place, name))
                # an object is there when all of it is
                files.pipe_file(path, data)
            else:
                self._rename_into(Path(local(self.place), name), data)
        except CielrError:
            raise
        except Exception as error:
            why = why_not_written(error) if isinstance(error, OSError) and error.errno else _reason(error)
            raise ImageError(f"{joined(self.place, name)} cannot be written: {why}.") from error

    def _rename_into(self, path: Path, data: bytes) -> None:
        part = os.path.join(self.parts, f"{os.getpid()}-{secrets.token_hex(6)}.part")
        try:
            with open(part, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(part, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise

    def upload(self, name: str, file: Path) -> None:
        """Puts a file of this machine beside the results, where those are in a store."""
        if is_url(self.place):
            files, path = store_of(joined(self.place, name))
            files.put_file(str(file), path)


def photos_below(place: str, suffixes: tuple[str, ...], without: str = "") -> Iterator[str]:
    """The names of the photos below a folder or an address, in the order of their names, folder by folder.

    Args:
        without: a folder that is left out, since the results go there.
    """
    if is_url(place):
        yield from _stored_photos(place, suffixes)
        return
    skipped = os.path.realpath(without) if without else ""
    for folder, folders, files in os.walk(local(place)):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(os.path.join(folder, name)) != skipped
        )
        below = os.path.relpath(folder, local(place))
        for name in sorted(files):
            if name.lower().endswith(suffixes) and not name.startswith("."):
                yield name if below == "." else PurePosixPath(*Path(below).parts, name).as_posix()


def _stored_photos(url: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    files, root = store_of(url)
    try:
        for folder, folders, names in files.walk(root):
            # changed in place, it says where the walk goes on
            if isinstance(folders, list):
                folders.sort()
            below = str(folder)[len(str(root)) :].strip("/")
            for name in sorted(names):
                if name.lower().endswith(suffixes) and not name.startswith("."):
                    yield f"{below}/{name}" if below else name
    except OSError as error:
        raise CielrError(f"{url} cannot be listed: {_reason(error)}.") from error


def matching(pattern: str, suffixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(folder or address, name below it) of the photos that a glob fits, in the order of their names."""
    fixed = pattern
    while any(sign in fixed for sign in "*?["):
        fixed = fixed.rstrip("/").rpartition("/")[0] if "/" in fixed.rstrip("/") else ""
    if is_url(pattern):
        files, path = store_of(pattern)
        _, root = store_of(fixed)
        names = sorted(str(name)[len(str(root)) :].strip("/") for name in files.glob(path))
    else:
        fixed = fixed or "."
        found = glob.glob(local(pattern), recursive=True)
        names = sorted(os.path.relpath(name, fixed).replace(os.sep, "/") for name in found if os.path.isfile(name))
    for name in names:
        if name.lower().endswith(suffixes):
            yield fixed, name


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:200].rstrip(". ")

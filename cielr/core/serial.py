"""Canonical JSON and safe files: the same value gives the same bytes, and a file is whole or not there."""

from __future__ import annotations

import errno
import json
import os
import platform
import re
import secrets
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import CielrError

ID = r"^[A-Za-z0-9_-]{1,80}$"
"""What names a thing: it stands in files' names, prompts and pages."""


M = TypeVar("M", bound="JsonModel")
T = TypeVar("T", bound="Document")


class Frozen(BaseModel):
    """Base of the domain types: immutable, unknown fields refused, JSON by alias."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class JsonModel(Frozen):
    """Base of what is written as JSON and read from what people wrote.

    Class attributes:
        noun: what people call it: "scene"; refusal: what is raised where a text is none.
    """

    noun: ClassVar[str]
    refusal: ClassVar[type[CielrError]]

    def to_json(self) -> str:
        """Canonical JSON, indented for reading: equal ones give the same bytes."""
        return canonical(self.model_dump(mode="json", by_alias=True), indent=1) + "\n"

    @classmethod
    def from_json(cls: type[M], text: str) -> M:
        """What a JSON text describes.

        Raises:
            CielrError: of the kind `refusal`, where it is no JSON, or describes something else.
        """
        try:
            # some editors begin a file with a byte order mark
            value = json.loads(text.removeprefix("\ufeff"))
            cls._look_over(value)
            return cls.model_validate(value)
        except ValidationError as error:
            raise cls.refusal(f"This is not a {cls.noun}: {sentences(error)}.") from error
        except (ValueError, RecursionError) as error:
            raise cls.refusal(f"This is not JSON: {json_sentence(text, error)}.") from error

    @classmethod
    def _look_over(cls, value: Any) -> None:
        """Raises `refusal` for what is not even to be looked at closely."""

    def __str__(self) -> str:
        return repr(self)


class Document(JsonModel):
    """Base of what stands in a JSON file of its own: a scene, a plan. `most_bytes`: of such a file."""

    most_bytes: ClassVar[int]

    def save(self, path: str | Path) -> Path:
        """Writes it as JSON, into folders that are made where they are missing.

        Raises:
            CielrError: of the kind `refusal`, where it cannot be written.
        """
        path = Path(path)
        try:
            write_text(path, self.to_json())
        except OSError as error:
            raise self.refusal(f"The {self.noun} cannot be written to {path}: {why_not_written(error)}.") from error
        return path

    @classmethod
    def load(cls: type[T], path: str | Path, **limits: Any) -> T:
        """What a JSON file holds; `limits` as `from_json` takes them.

        Raises:
            CielrError: of the kind `refusal`, where there is no such file, or it does not read.
        """
        try:
            text = read_text(Path(path), cls.most_bytes)
        except ValueError as error:
            raise cls.refusal(f"No {cls.noun} can be read from {path}: {error}.") from error
        try:
            return cls.from_json(text, **limits)
        except cls.refusal as error:
            why = str(error).replace("This", "this", 1)
            raise cls.refusal(f"No {cls.noun} can be read from {path}: {why}") from error


def canonical(value: Any, indent: int | None = None) -> str:
    """JSON with sorted keys and no choice left open; compact without `indent`."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(value, sort_keys=True, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False)


def write_text(path: Path, text: str) -> None:
    """As `write_bytes`, in UTF-8; folders that are missing are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Writes beside the goal and renames, so that a crash or a full disk leaves the old file or none.

    A file that was there keeps its mode and owner. A symbolic link stays, and the file that it leads to is written.
    What earlier runs left half written in the folder, because they were killed, is removed.

    Raises:
        OSError: as the file system says.
    """
    goal = goal_of(path)
    _sweep(goal.parent)
    try:
        before = goal.stat()
    except OSError:
        before = None
    temporary = goal.with_name(f".{goal.name[:24]}.{_machine()}-{os.getpid()}-{secrets.token_hex(4)}.part")
    # not mkstemp, which would leave a file that only its owner may read
    mode = 0o666 if before is None else 0o600
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            # else a power cut after the rename could leave an empty file under the goal's name
            os.fsync(file.fileno())
        if before is not None:
            _take_over(temporary, before)
        os.replace(temporary, goal)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def write_together(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Writes files into a folder (made where it is missing): all of them, or none that was not there before.

    Args:
        files: (name, content), asked for one after the other.

    Raises:
        OSError: as the file system says.
    """
    written: list[Path] = []
    new: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files:
            path = folder / name
            is_new = not os.path.lexists(path)
            write_bytes(path, data)
            written.append(path)
            new += [path] * is_new
    except BaseException:
        for path in new:
            with suppress(OSError):
                path.unlink()
        raise
    return written


_NOT_WRITTEN = {
    errno.ENOSPC: "the disk is full; make room there, or name another place",
    getattr(errno, "EDQUOT", -1): "this account may keep no more on that disk; make room there, or name another place",
    errno.EFBIG: "that disk, or this account, takes no file that large; name another place",
    errno.EROFS: "that disk is read-only; name another place",
    errno.EACCES: "this account may not write there; name another place",
    errno.EPERM: "this account may not write there; name another place",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ENOENT: "its folder is not there any more",
    errno.ENOTDIR: "a folder in its path is a file; name another place",
    errno.EIO: "the disk reports a fault; name another place",
}


def why_not_written(error: OSError) -> str:
    """What a system says of a file that it did not write, as a clause with what to do about it."""
    known = _NOT_WRITTEN.get(error.errno or 0)
    return known or (error.strerror or str(error) or type(error).__name__).rstrip(".")


def goal_of(path: Path) -> Path:
    """The file that a write to a path changes: the path, or what it leads to where it is a symbolic link."""
    return Path(os.path.realpath(path)) if os.path.islink(path) else path


def why_unusable(path: Path) -> str:
    """Why no file can have that name, such as "file name too long"; "" where one can, whether it is there or not."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ""
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ENAMETOOLONG:
            return "file name too long; choose a shorter one"
        return (getattr(error, "strerror", None) or str(error)).lower()
    return ""


def _take_over(file: Path, before: os.stat_result) -> None:
    """Gives a file the mode, and where that may be the owner, of the one that it replaces."""
    now = file.stat()
    if hasattr(os, "chown") and (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        with suppress(OSError):
            os.chown(file, before.st_uid, before.st_gid)
    file.chmod(stat.S_IMODE(before.st_mode))


_PART = re.compile(r"\..*\.(?P<machine>[0-9a-f]{8})-(?P<process>\d{1,10})-[0-9a-f]{8}\.part", re.DOTALL)
_STALE = 24 * 3600
"""Seconds after which a half-written file is given up where processes cannot be asked for."""


def _machine() -> str:
    """Tells machines that share a folder apart: the number of a process says nothing on another one."""
    return sha256(platform.node().encode()).hexdigest()[:8]


def _sweep(folder: Path) -> None:
    """Removes from a folder what runs on this machine left half written and no longer write."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = _PART.fullmatch(entry.name)
            if match is None or match["machine"] != _machine() or not entry.is_file(follow_symlinks=False):
                continue
            if _is_over(int(match["process"]), entry):
                with suppress(OSError):
                    os.unlink(entry.path)


def _is_over(process: int, entry: os.DirEntry[str]) -> bool:
    if os.name == "nt":
        # there, to ask for a process with os.kill would end it
        return time.time() - entry.stat().st_mtime > _STALE
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False
    return False


def read_text(path: Path, most: int) -> str:
    """The text of a file in UTF-8, with or without a byte order mark.

    Args:
        most: bytes; a larger file is refused before it is read.

    Raises:
        ValueError: a clause on why it cannot be read: "it is a folder", "it has more than 64 MB", ….
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ValueError("it is a folder")
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a regular file")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise ValueError((error.strerror or str(error)).lower()) from error
    if len(data) > most:
        raise ValueError(f"it has more than {most / 1e6:g} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("it is not text in UTF-8") from error


SHOWN_FAULTS = 8
"""A file with more faults is told of the first ones, and how many there are."""


def sentences(error: Exception) -> str:
    """What a pydantic validation error says, as plain sentences without its links and types, "; " between them."""
    if not isinstance(error, ValidationError):
        return str(error)
    parts = []
    items = error.errors(include_url=False)
    # a list of which an item is wrong counts as too short as well
    inner = {item["loc"][:end] for item in items for end in range(len(item["loc"]))}
    for item in items:
        if len(parts) == SHOWN_FAULTS:
            parts.append(f"and more ({len(items)} in all)")
            break
        if item["type"] == "too_short" and item["loc"] in inner:
            continue
        steps = [step for step in item["loc"] if not str(step).endswith(")")]
        if item["type"] in _ABOUT_FIELD and steps:
            steps.pop()
        place = _place(steps) or ("" if item["type"] in (*_ABOUT_FIELD, "value_error") else "the whole")
        parts.append(f"{place}: {_words(item)}" if place else _words(item))
    return "; ".join(parts)


def json_sentence(text: str, error: Exception) -> str:
    """Where and why a text is no JSON, as a clause: "line 3, column 8: a comma is missing"."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if not isinstance(error, json.JSONDecodeError):
        return "it holds a number of thousands of digits" if "digits" in str(error) else str(error)
    if not text.strip():
        return "it is empty"
    if text.lstrip()[0] not in "{[":
        return f"it begins with '{text.split()[0][:40]}' and not with a brace"
    words = next((words for start, words in _JSON_WORDS.items() if error.msg.startswith(start)), error.msg.lower())
    return f"line {error.lineno}, column {error.colno}: {words}"


_JSON_WORDS = {
    "Expecting value": "a value is missing",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting property name": "a name in double quotes is missing, or there is a comma too many before it",
    "Illegal trailing comma": "there is a comma too many",
    "Extra data": "something follows after the end",
    "Unterminated string": "a quotation mark is missing",
    "Invalid control character": "a text goes over several lines",
}
_ABOUT_FIELD = ("missing", "extra_forbidden")
"""Kinds of errors whose sentence names the field itself."""
_TAKES = {
    "string_type": "takes a text in double quotes",
    "tuple_type": "takes a list in brackets",
    "list_type": "takes a list in brackets",
    "too_short": "is empty",
    "string_too_short": "is empty",
    "float_type": "takes a number",
    "float_parsing": "takes a number",
    "int_type": "takes a whole number",
    "int_parsing": "takes a whole number",
    "int_from_float": "takes a whole number",
    "finite_number": "takes a number that is finite",
    "model_type": "takes names and values in braces",
    "model_attributes_type": "takes names and values in braces",
    "dict_type": "takes names and values in braces",
}


def _place(steps: list[Any]) -> str:
    """ "Action 1 (remove), targets" for ("actions", 0, "remove", "targets")."""
    words: list[str] = []
    for k, step in enumerate(steps):
        if isinstance(step, int):
            item = words.pop().removesuffix("s") if words and words[-1].endswith("s") else "item"
            item = item if words else item.capitalize()
            words.append(f"{item} {step + 1}")
        elif k and isinstance(steps[k - 1], int) and steps[k - 2] == "actions":
            # which of the kinds of actions it was taken for
            words[-1] += f" ({step})"
        else:
            words.append(str(step))
    return ", ".join(words)


def _words(item: Any) -> str:
    kind, given, context = item["type"], item["input"], item.get("ctx", {})
    last = str(item["loc"][-1]) if item["loc"] else ""
    if kind == "missing":
        return f"'{last}' is missing"
    if kind == "extra_forbidden":
        return f"'{last[:40]}' does not belong there"
    if kind == "union_tag_invalid":
        known = context["expected_tags"].replace("'", "")
        what = "kind of action" if "actions" in item["loc"] else str(context["discriminator"]).strip("'")
        return f"'{str(context['tag'])[:40]}' is not a {what}; there are {known}"
    if kind == "union_tag_not_found":
        return f"{context['discriminator']} is missing"
    if kind == "literal_error":
        return f"'{str(given)[:40]}' is not {context['expected']}"
    least, most = context.get("min_length", 0), context.get("max_length", 0)
    if kind == "too_short" and least > 1:
        return f"takes {least} items at least"
    if kind == "too_long":
        return f"takes {most} items at most"
    if kind == "string_pattern_mismatch" and context.get("pattern") == ID:
        return "takes 1 to 80 letters, digits, - and _, and no others"
    if kind in _TAKES:
        return _TAKES[kind]
    return item["msg"].removeprefix("Value error, ").replace("Input should be", "is to be").rstrip(".")

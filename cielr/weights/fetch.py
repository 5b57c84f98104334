"""Fetches weights of the catalogue from the Hugging Face hub, or a mirror ($HF_ENDPOINT), through its own client.

Files arrive in NAME.part; each is checked against the hub's own metadata, and only a whole folder gets the model's
name. What was cut off goes on where it ended. The work runs beside the caller, who is told about it and can end it
even while the line is silent.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..core.weight_files import MOST_JSON
from ..errors import Cancelled, MissingDependency
from .catalogue import MANIFEST, OnStep, Weights, WeightsError, checksum, damages, entry, is_plain_name, place
from .fetch_errors import explained

PATIENCE = 20.0
"""Seconds for which another fetching of the same model is waited for; one that was cancelled ends by then."""
PIECE = 1 << 17
"""Bytes read at a time; what a breaking connection leaves of one is lost."""
LISTING_SECONDS = 30.0
"""Without a sign of life, for the list of a repository's files."""
BEAT = 0.2
"""Seconds between two words to the caller."""
Files = dict[str, dict[str, Any]]
"""Name -> {"size": bytes, "checksum": "sha256:…" or git's "blob:…"}."""


def fetch(
    model: str | Weights,
    target: Path | None = None,
    on_step: OnStep | None = None,
    endpoint: str | None = None,
) -> Path:
    """Fetches a model of the catalogue and returns its folder; what is whole already stays.

    Args:
        model: an entry, or a name of those that see.
        target: the model's folder; None is its place below the first of `roots()`.
        on_step: told (bytes, bytes in all) several times a second; what it raises ends the fetching, and the next one
            goes on from there.
        endpoint: None is $HF_ENDPOINT, or the hub itself.

    Raises:
        WeightsError: where it cannot be had: no network, no such repository, no access, no disk space, wrong checksums.
        MissingDependency: without huggingface_hub.
    """
    weights = entry(model) if isinstance(model, str) else model
    target = target or place(weights)
    if _is_whole(target, on_step):
        return target
    try:
        import huggingface_hub  # noqa: F401
    except ImportError as error:
        raise MissingDependency("huggingface_hub", "models") from error
    if offline():
        raise WeightsError(
            f"HF_HUB_OFFLINE is set, so '{weights.name}' is not fetched; unset it, or put the files of "
            f"{weights.repository} into {target} by hand."
        )
    endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    fetching = _Fetching(weights, target, endpoint)
    with explained(weights, endpoint, target):
        fetching.run(on_step)
    return target


def _is_whole(target: Path, on_step: OnStep | None) -> bool:
    return (target / MANIFEST).is_file() and not damages(target, deep=True, on_step=on_step)


def offline() -> bool:
    """Whether the user said that the hub is not to be asked."""
    from huggingface_hub import constants

    settings = (os.environ.get(name, "").upper() for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))
    return bool(constants.HF_HUB_OFFLINE) or any(setting in ("1", "TRUE", "YES", "ON") for setting in settings)


class _Fetching:
    """One model on its way, on a thread of its own: a stalled line must not keep the caller from cancelling."""

    def __init__(self, weights: Weights, target: Path, endpoint: str) -> None:
        self.weights, self.target, self.endpoint = weights, target, endpoint
        self.part = target.with_name(target.name + ".part")
        self.progress = (0, 1)
        self.ended = threading.Event()
        self.error: BaseException | None = None

    def run(self, on_step: OnStep | None) -> None:
        done = threading.Event()

        def work() -> None:
            try:
                self._fetch()
            except BaseException as error:
                self.error = error
            finally:
                done.set()

        threading.Thread(target=work, name=f"fetch {self.weights.name}", daemon=True).start()
        try:
            while not done.wait(BEAT):
                if on_step is not None:
                    on_step(*self.progress)
        except BaseException:
            # the thread ends at its next piece; while the line is silent that is at its time limit
            self.ended.set()
            done.wait(BEAT)
            raise
        if self.error is not None:
            raise self.error
        if on_step is not None:
            on_step(*self.progress)

    def _fetch(self) -> None:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with self._alone(), _quiet_client():
            # another process may have fetched it in the meantime
            if _is_whole(self.target, lambda *_: self._check_ended()):
                return
            self.part.mkdir(exist_ok=True)
            commit, files = self._listed()
            self._check_room(files)
            total = sum(facts["size"] for facts in files.values())
            before = 0
            for name, facts in files.items():
                self._fetch_file(commit, name, facts, before, total)
                before += facts["size"]
                self.progress = (before, total)
            manifest = {"repository": self.weights.repository, "commit": commit, "files": files}
            (self.part / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            self._put_in_place(files)

    def _check_ended(self) -> None:
        if self.ended.is_set():
            raise Cancelled("The fetching was cancelled.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two processes that write into one folder would spoil each other's files."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.target.with_name(f".{self.target.name}.lock"))
        waited = 0.0
        while True:
            self._check_ended()
            try:
                lock.acquire(timeout=BEAT)
                break
            except Timeout as error:
                waited += BEAT
                if waited > PATIENCE:
                    raise WeightsError(
                        f"'{self.weights.name}' is being fetched by another process into {self.part}; wait for it."
                    ) from error
        try:
            yield
        finally:
            lock.release()

    def _listed(self) -> tuple[str, Files]:
        """(commit, files with size and checksum) as the hub's own metadata have them."""
        from fnmatch import fnmatch

        weights = self.weights
        listing = self._answer(f"/api/models/{weights.repository}/revision/{weights.revision}?blobs=true")
        files: Files = {}
        for file in listing["siblings"]:
            name = str(file["rfilename"])
            if not is_plain_name(name) or not any(fnmatch(name, pattern) for pattern in weights.files):
                continue
            size = int(file["size"])
            if size < 0:
                raise ValueError(f"{name} has a negative size.")
            checksum_ = f"sha256:{file['lfs']['sha256']}" if file.get("lfs") else f"blob:{file['blobId']}"
            files[name] = {"size": size, "checksum": checksum_}
        if not all(any(fnmatch(name, pattern) for name in files) for pattern in weights.needs):
            needed = " with ".join(pattern.removeprefix("*") for pattern in weights.needs)
            raise WeightsError(f"{weights.repository} at {self.endpoint} holds no {needed}; it cannot be used.")
        return str(listing["sha"]), files

    def _answer(self, path: str) -> Any:
        """What the hub answers, as JSON and within bounds; its own client would read without end.

        Raises:
            WeightsError: for an answer without end; ValueError: for one that is no JSON; and what the client raises.
        """
        from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

        with _stream(get_session(), self.endpoint + path, build_hf_headers()) as (response, pieces):
            data = bytearray()
            for piece in pieces:
                self._check_ended()
                data += piece
                if len(data) > MOST_JSON:
                    raise WeightsError(
                        f"{self.weights.repository} at {self.endpoint} answers with more than {MOST_JSON >> 20} MB "
                        "where a list of files is expected; look at HF_ENDPOINT."
                    )
            # what the client says of an error stands in the body, which is read by now
            response._content = bytes(data)
            hf_raise_for_status(response)
        try:
            return json.loads(bytes(data))
        except RecursionError as error:
            raise ValueError("The answer is nested without end.") from error

    def _check_room(self, files: Files) -> None:
        wanted = sum(facts["size"] for facts in files.values())
        wanted -= sum(file.stat().st_size for file in self.part.iterdir() if file.is_file())
        free = shutil.disk_usage(self.part).free
        if wanted > free:
            raise WeightsError(
                f"{_amount(wanted)} are to be fetched into {self.part.parent}, and {_amount(free)} are free there; "
                "make room, or set CIELR_MODELS to a folder on another disk."
            )

    def _fetch_file(self, commit: str, name: str, facts: dict[str, Any], before: int, total: int) -> None:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils import build_hf_headers

        done, half = self.part / name, self.part / f"{name}.part"
        size = facts["size"]
        if self._is_right(done, facts):
            return
        if self._is_right(self.target / name, facts):
            # of a damaged folder only what is damaged is fetched again
            shutil.copyfile(self.target / name, half)
            half.replace(done)
            return
        url = hf_hub_url(self.weights.repository, name, revision=commit, endpoint=self.endpoint)
        half.touch()
        have = half.stat().st_size if half.stat().st_size <= size else 0
        with half.open("r+b") as file:
            file.truncate(have)
            file.seek(have)
            counted = _Told(file, self, before, total, name, size)
            if have < size:
                http_get(
                    url,
                    counted,  # pyright: ignore[reportArgumentType]
                    resume_size=have,
                    headers=build_hf_headers(),
                    expected_size=size,
                )
        if not self._is_right(half, facts):
            half.unlink()
            raise WeightsError(
                f"What came as {name} of {self.weights.repository} has another checksum than the hub says; it was "
                f"thrown away. Fetch again, and if that does not help, look at what stands between this machine and "
                f"{self.endpoint}."
            )
        half.replace(done)

    def _is_right(self, file: Path, facts: dict[str, Any]) -> bool:
        if not file.is_file() or file.stat().st_size != facts["size"]:
            return False
        return checksum(file, facts["checksum"], lambda *_: self._check_ended()) == facts["checksum"]

    def _put_in_place(self, files: Files) -> None:
        """The fetched folder gets its name; what lay there under that name before goes after the new one is there."""
        for file in self.part.iterdir():
            if file.is_file() and file.name not in files and file.name != MANIFEST:
                file.unlink()
        self._check_ended()
        if not self.target.exists():
            self.part.rename(self.target)
            return
        old = self.target.with_name(self.target.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        self.target.rename(old)
        try:
            self.part.rename(self.target)
        except OSError:
            old.rename(self.target)
            raise
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _stream(session: Any, url: str, headers: dict[str, str]) -> Iterator[tuple[Any, Iterator[bytes]]]:
    """(response, its pieces) of a request; the hub's client has changed its HTTP library more than once."""
    if hasattr(session, "stream"):
        with session.stream("GET", url, headers=headers, timeout=LISTING_SECONDS, follow_redirects=True) as response:
            yield response, response.iter_bytes()
    else:
        with session.get(url, headers=headers, timeout=LISTING_SECONDS, stream=True) as response:
            yield response, response.iter_content(PIECE)


class _Told:
    """A file that knows how far it has been written, and stops where nobody wants it any more."""

    def __init__(self, file: Any, fetching: _Fetching, before: int, total: int, name: str, size: int) -> None:
        self._file, self._fetching, self._before, self._total = file, fetching, before, total
        self._name, self._size = name, size
        fetching.progress = (before + file.tell(), total)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        self._fetching._check_ended()
        if self._file.tell() + len(data) > self._size:
            # the rest would fill the disk
            raise WeightsError(f"{self._fetching.endpoint} sends more of {self._name} than it has listed; fetch again.")
        written = self._file.write(data)
        self._fetching.progress = (min(self._before + self._file.tell(), self._total), self._total)
        return written


@contextmanager
def _quiet_client() -> Iterator[None]:
    """The hub's client in small pieces and without bars of its own.

    It reads ten megabytes at a time, on a slow line a long time without a sign of life, and draws over our progress.
    """
    from huggingface_hub import constants
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    before, silent = constants.DOWNLOAD_CHUNK_SIZE, are_progress_bars_disabled()
    log = logging.getLogger("huggingface_hub.file_download")
    level = log.level
    constants.DOWNLOAD_CHUNK_SIZE = min(before, PIECE)
    # that it tries again is its own affair; that it gave up is an error of ours
    log.setLevel(logging.ERROR)
    if not silent:
        disable_progress_bars()
    try:
        yield
    finally:
        constants.DOWNLOAD_CHUNK_SIZE = before
        log.setLevel(level)
        if not silent:
            enable_progress_bars()


def _amount(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"

"""The HTTP side of one ComfyUI server: requests, what their failures mean in words, uploads and the queue."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ..core.text import plain
from ..errors import ComfyError, ImageError, MissingDependency
from .limits import Watch

if TYPE_CHECKING:
    import httpx

DEFAULT = "http://127.0.0.1:8188"
AUTH = "CIELR_COMFY_AUTH"
SIGN_IN = f'give it with --header "Authorization: …" or the environment variable {AUTH}'
LOOPBACK = ("localhost", "127.0.0.1", "::1")
AGAIN = 3.0
"""Seconds in which a request that got no answer is made again."""

T = TypeVar("T")


class ServerUnreachable(ComfyError):
    """The server does not answer, or answers that it cannot: another one may be able to."""


class ServerLacks(ComfyError):
    """The server has not all that the workflow needs; `problems` lists it."""


class Server:
    """One server's address, with the headers that it wants; thread-safe.

    Args:
        url: such as "http://127.0.0.1:8188"; a path ("https://host/comfy") and credentials in it are understood.
        headers: sent with every request, never printed or stored. The environment variable CIELR_COMFY_AUTH (a whole
            header, or the value of Authorization) is one more.
        request_timeout: seconds that one answer may take.
        connect: seconds until the server has to answer for the first time.
    """

    def __init__(
        self,
        url: str = DEFAULT,
        headers: Mapping[str, str] | None = None,
        request_timeout: float = 30.0,
        connect: float = 10.0,
    ):
        try:
            import httpx
        except ImportError as error:
            lacks = [] if find_spec("websockets") else ["websockets"]
            raise MissingDependency("httpx", "comfy", *lacks) from error
        self.url, given = _address(url)
        self.headers = {**_from_environment(headers or {}), **given, **(headers or {})}
        for name, value in self.headers.items():
            check_header(name, value)
        self.loopback = (urlsplit(self.url).hostname or "") in LOOPBACK
        self.request_timeout = request_timeout
        self._secrets = sorted({part for value in self.headers.values() for part in _secret_parts(value)}, key=len)
        self.connect = connect
        self.tls = httpx.create_ssl_context() if self.url.startswith("https") else None
        """One for requests and websocket, so that both trust the same certificates (SSL_CERT_FILE)."""
        # a proxy of the environment has no way to this very machine
        self._http = httpx.Client(
            verify=self.tls or True,
            headers=self.headers,
            trust_env=not self.loopback,
            timeout=httpx.Timeout(request_timeout, connect=min(5.0, request_timeout, connect)),
        )

    def __repr__(self) -> str:
        return f"Server({self.url!r})"

    def close(self) -> None:
        self._http.close()

    def socket_url(self, client_id: str) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/ws?clientId={client_id}"

    def scrub(self, text: str) -> str:
        """A text of the server on one line, without what it was given to sign in."""
        text = " ".join(plain(text).split())
        for secret in reversed(self._secrets):
            text = text.replace(secret, "***")
        return text

    # ------------------------------------------------------------------------------------------------------- requests

    def get(self, path: str, **query: str) -> Any:
        return self._json(self._answer("GET", path, params=query), path)

    def file(self, place: Mapping[str, str], watch: Watch) -> bytes:
        """A file of an output, as it lies on the server.

        Args:
            place: "filename", "subfolder" and "type".
        """
        return self.patiently(lambda: self._file(dict(place), watch), watch)

    def _file(self, place: dict[str, str], watch: Watch) -> bytes:
        parts = []
        with self._reaching("/view"), self._http.stream("GET", f"{self.url}/view", params=place) as answer:
            if answer.status_code == 404:
                raise ComfyError(
                    f"{self.url} names the file {plain(place['filename'])}, but has it no more; it was deleted there, "
                    "and the run came from the server's memory: change a seed or another value to make it anew."
                )
            if answer.status_code != 200:
                answer.read()
                raise self._failure(answer, "/view")
            if "text/html" in answer.headers.get("content-type", ""):
                # ComfyUI never sends one as such: this is somebody's page for signing in
                raise ComfyError(f"{self.url} gave a web page in the place of {plain(place['filename'])}; {SIGN_IN}.")
            for part in answer.iter_bytes():
                watch.check()
                parts.append(part)
        return b"".join(parts)

    def post(self, path: str, body: Any) -> Any:
        """The JSON that comes back, or None; a refusal (400) with JSON comes back as well."""
        answer = self._answer("POST", path, json=body)
        return self._json(answer, path) if answer.content else None

    def _json(self, answer: httpx.Response, path: str) -> Any:
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:
            raise self._no_comfyui(path) from error

    def _no_comfyui(self, path: str) -> ComfyError:
        return ComfyError(f"{self.url} answers {path}, but not as a ComfyUI does; is the address right?")

    def _answer(self, method: str, path: str, **more: Any) -> httpx.Response:
        with self._reaching(path):
            answer = self._http.request(method, self.url + path, **more)
        status = answer.status_code
        if status == 200 or (status == 400 and path == "/prompt" and "json" in answer.headers.get("content-type", "")):
            return answer
        raise self._failure(answer, path)

    @contextmanager
    def _reaching(self, path: str) -> Iterator[None]:
        import httpx

        try:
            yield
        except httpx.ConnectTimeout as error:
            raise ServerUnreachable(f"No ComfyUI answers at {self.url}; is it running, and there?") from error
        except httpx.ConnectError as error:
            said = self.scrub(str(error)) or "no connection"
            if "CERTIFICATE" in said:
                raise ComfyError(
                    f"The certificate of {self.url} is not trusted ({said}); $SSL_CERT_FILE may name a file with it."
                ) from error
            raise ServerUnreachable(f"No ComfyUI answers at {self.url} ({said}); is it running, and there?") from error
        except httpx.TimeoutException as error:
            raise ServerUnreachable(f"{self.url} gave no answer to {path} in {self.request_timeout:g} s.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = self.scrub(str(error)).rstrip(".") or type(error).__name__
            raise ServerUnreachable(f"The connection to {self.url} broke at {path}: {said}.") from error

    def _failure(self, answer: httpx.Response, path: str) -> ComfyError:
        status = answer.status_code
        if status in (401, 403):
            if any(name.lower() == "authorization" for name in self.headers):
                return ComfyError(f"{self.url} does not accept the sign-in that it was given ({status} at {path}).")
            return ComfyError(f"{self.url} wants a sign-in ({status} at {path}); {SIGN_IN}.")
        if 300 <= status < 400:
            # followed blindly, the headers could go to somebody else
            parts = urlsplit(answer.headers.get("location", ""))
            where = self.scrub(urlunsplit((parts.scheme, parts.hostname or "", parts.path, "", "")))
            return ComfyError(
                f"{self.url} sends {path} on to {where or 'elsewhere'}; give the server's own address, or {SIGN_IN}."
            )
        if status == 413:
            return ComfyError(f"{self.url} takes no file that large; ComfyUI's --max-upload-size raises its limit.")
        if status == 404:
            return ComfyError(f"{self.url} has nothing at {path} (404); is this the address of a ComfyUI?")
        kind = answer.headers.get("content-type", "")
        said = self.scrub(answer.text[:300]) if "text/plain" in kind or "json" in kind else ""
        sentence = f"{self.url} answered {status} to {path}{f': {said.rstrip(chr(46))}' if said else ''}."
        return ServerUnreachable(sentence) if status >= 500 or status == 429 else ComfyError(sentence)

    def patiently(self, ask: Callable[[], T], watch: Watch, seconds: float = AGAIN) -> T:
        """`ask()`, again where the server did not answer: twice at least, and for so many seconds."""
        begin, tries, pause = time.monotonic(), 0, 0.2
        while True:
            watch.check()
            try:
                return ask()
            except ServerUnreachable:
                tries += 1
                if tries > 1 and time.monotonic() - begin + pause > seconds:
                    raise
            watch.pause(pause)
            pause = min(2 * pause, 2.0)

    # ------------------------------------------------------------------------------------------------- nodes, uploads

    def node_info(self, classes: list[str], watch: Watch) -> dict[str, Mapping[str, Any]]:
        """What the server says of these node classes; those that it lacks are absent. Asked anew for every run,
        because files come and go."""
        infos = {}
        for number, kind in enumerate(classes):
            path = f"/object_info/{quote(kind, safe='')}"
            answer = self.patiently(lambda path=path: self.get(path), watch, AGAIN if number else self.connect)
            if not isinstance(answer, dict):
                raise self._no_comfyui("/object_info")
            if isinstance(answer.get(kind), dict):
                infos[kind] = answer[kind]
        return infos

    def upload(self, path: Path, watch: Watch) -> str:
        """The file in the server's input folder, under a name that its content gives; what `LoadImage` calls it.

        Raises:
            ImageError: where the file cannot be read.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ImageError(f"{path} cannot be read: {error.strerror or error}.") from error
        if not data:
            raise ImageError(f"{path} is empty.")
        suffix = path.suffix.lower() if re.fullmatch(r"\.[a-zA-Z0-9]{1,8}", path.suffix) else ""
        name = f"{hashlib.sha256(data).hexdigest()[:24]}{suffix}"
        # without "overwrite" the server keeps an equal file that it has, and never replaces another's
        form = {"type": "input", "subfolder": "cielr"}
        way = "/upload/image"
        answer = self.patiently(
            lambda: self._json(self._answer("POST", way, data=form, files={"image": (name, data)}), way), watch
        )
        if not isinstance(answer, dict) or not isinstance(answer.get("name"), str):
            raise ComfyError(f"{self.url} took {path.name}, but did not say under which name.")
        folder = answer.get("subfolder") or ""
        return f"{folder}/{answer['name']}" if folder else answer["name"]

    # ---------------------------------------------------------------------------------------------------------- queue

    def queue(self) -> tuple[list[str], list[str]]:
        """(ids of the prompts that run, ids of those that wait, next first)."""
        answer = self.get("/queue")
        try:
            running = [str(item[1]) for item in answer["queue_running"]]
            waiting = [str(item[1]) for item in sorted(answer["queue_pending"], key=lambda item: item[0])]
        except (TypeError, KeyError, IndexError) as error:
            raise self._no_comfyui("/queue") from error
        return running, waiting

    def history(self, prompt_id: str) -> dict[str, Any] | None:
        """The entry of a prompt that came to its end, or None."""
        entry = self.get(f"/history/{prompt_id}")
        entry = entry.get(prompt_id) if isinstance(entry, dict) else None
        return entry if isinstance(entry, dict) else None

    def cancel(self, prompt_id: str, sure: bool = True, seconds: float = 3.0) -> bool:
        """Takes one prompt from the queue, or interrupts it where it is the one that runs; nobody else's work stops.

        Args:
            sure: whether the server has confirmed the prompt; if not, it may still be on its way into the queue.
            seconds: how long to wait for its end.

        Returns:
            Whether the server is done with it.
        """
        begin = time.monotonic()
        while True:
            running, waiting = self.queue()
            if prompt_id in waiting:
                self._tell("/queue", {"delete": [prompt_id]})
            elif prompt_id in running:
                # the id guards against an interrupt that comes when the next prompt runs already
                self._tell("/interrupt", {"prompt_id": prompt_id})
            elif sure or time.monotonic() - begin > 2.0:
                return True
            if time.monotonic() - begin > seconds:
                return False
            time.sleep(0.1)

    def _tell(self, path: str, body: Any) -> None:
        self._answer("POST", path, json=body)


def _address(url: str) -> tuple[str, dict[str, str]]:
    """The address without credentials, and those as a header."""
    text = url.strip()
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = parts = None
    if parts is None or not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        # what is wrong may hold a password
        shown = plain(text.rpartition("@")[2])
        raise ComfyError(f"'{shown}' is not an address of a server; write for example {DEFAULT}.")
    headers = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    place = f"[{host}]" if ":" in host else host
    place = place if port is None else f"{place}:{port}"
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", "")), headers


def _from_environment(given: Mapping[str, str]) -> dict[str, str]:
    text = os.environ.get(AUTH, "").strip()
    if not text:
        return {}
    name, value = read_header(text) if re.match(r"[A-Za-z0-9-]+:\s", text) else ("Authorization", text)
    return {} if name.lower() in {header.lower() for header in given} else {name: value}


def read_header(text: str) -> tuple[str, str]:
    """(name, value) of "Name: value".

    Raises:
        ComfyError: without repeating it, because it may be a secret.
    """
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon:
        raise ComfyError('A header is written "Name: value", such as "Authorization: Bearer …".')
    check_header(name, value)
    return name, value


def check_header(name: str, value: str) -> None:
    good = re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) and value.isascii() and value.isprintable()
    if not good or not value:
        raise ComfyError('A header is written "Name: value" in plain ASCII, such as "Authorization: Bearer …".')


def _secret_parts(value: str) -> list[str]:
    return [part for part in (value, *value.split()) if len(part) >= 6 and part.lower() not in ("bearer", "digest")]

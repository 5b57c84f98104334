"""The websocket of one run: heard by a thread of its own, which connects again where the line drops."""

from __future__ import annotations

import json
import logging
import queue
import threading
from contextlib import suppress
from inspect import signature
from typing import Any

from ..errors import MissingDependency
from .server import Server

QUIET = logging.getLogger("cielr.comfy.socket")
QUIET.disabled = True
"""The websocket package logs the headers of its handshake, and with them what must not be stored."""

LARGEST = 64 * 2**20
"""Bytes of one message; an error's message holds every input of its node as text."""


class Listener:
    """Messages as (type, data), in their order. What is missed while the line is down does not come again.

    Raises:
        MissingDependency: at the start, where the package is not installed.
    """

    def __init__(self, server: Server, client_id: str):
        try:
            from websockets.sync import client  # noqa: F401
        except ImportError as error:
            raise MissingDependency("websockets", "comfy") from error
        self._server = server
        self._url = server.socket_url(client_id)
        self._messages: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self._closing = threading.Event()
        self._line: Any = None
        self.connected = threading.Event()
        self.tried = threading.Event()
        """Set when the first try to connect is over: the server has greeted, which it does when it knows the client and
        can send to it, or it failed."""
        self.connections = 0
        self._thread = threading.Thread(target=self._listen, name="cielr-comfy-socket", daemon=True)
        self._thread.start()

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        line = self._line
        if line is not None:
            with suppress(Exception):
                line.close()
        # one that is just connecting ends by itself when that is over
        self._thread.join(2.0)

    def get(self, seconds: float) -> tuple[str, dict[str, Any]] | None:
        """The next message, or None where none comes in that time."""
        try:
            return self._messages.get(timeout=seconds)
        except queue.Empty:
            return None

    def _listen(self) -> None:
        from websockets.exceptions import InvalidStatus

        pause = 0.25
        while not self._closing.is_set():
            try:
                self._connected()
                pause = 0.25
            except InvalidStatus as error:
                if error.response.status_code < 500:
                    # a proxy that lets no websocket through: the history tells the end as well
                    return
            except Exception:
                # whatever is wrong with the line, polling finishes the run; http says what is wrong with the server
                pass
            finally:
                self.tried.set()
                self.connected.clear()
            self._closing.wait(pause)
            pause = min(2 * pause, 8.0)

    def _connected(self) -> None:
        from websockets.exceptions import ConnectionClosed
        from websockets.sync.client import connect

        # before websockets 15 there was no use of proxies, and no such argument
        local = self._server.loopback and "proxy" in signature(connect).parameters
        more: dict[str, Any] = {"proxy": None} if local else {}
        if self._server.tls is not None:
            more["ssl"] = self._server.tls
        with connect(
            self._url,
            additional_headers=self._server.headers,
            open_timeout=5,
            close_timeout=0.5,
            max_size=LARGEST,
            logger=QUIET,
            **more,
        ) as line:
            self._line = line
            self.connections += 1
            self.connected.set()
            with suppress(ConnectionClosed):
                while not self._closing.is_set():
                    self._take(line.recv())

    def _take(self, said: str | bytes) -> None:
        self.tried.set()
        if not isinstance(said, str):
            # previews
            return
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            message = json.loads(said)
            data = message.get("data")
            if isinstance(data, dict):
                self._messages.put((str(message["type"]), data))

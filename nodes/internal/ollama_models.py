"""Which models the Ollama server has, for the node's list.

While ComfyUI starts nobody is asked, and nothing waits: the first question goes out when the server is up, in the
background, so that the answer is there before a page asks for the lists.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from .running import server

FRESH = 5.0
"""Seconds for which an answer stands."""
PATIENCE = 0.7
"""Seconds that the list may keep the page waiting; what comes later is there when the lists are refreshed (R)."""

_serving = False
_names: list[str] = []
_asked = float("-inf")
_lock = threading.Lock()


def ask_when_serving() -> None:
    """Asks for the first time as soon as ComfyUI's server is up."""

    async def begin(_: Any) -> None:
        global _serving
        _serving = True
        _asking()

    if server() is not None:
        server().app.on_startup.append(begin)


def installed() -> list[str]:
    """Names of the models that the Ollama server of ComfyUI's environment holds, as far as is known."""
    if _serving and (thread := _asking()) is not None:
        thread.join(PATIENCE)
    return list(_names)


def _asking() -> threading.Thread | None:
    """A thread that asks, or None where the last answer still stands."""
    global _asked
    with _lock:
        if time.monotonic() - _asked <= FRESH:
            return None
        _asked = time.monotonic()
    thread = threading.Thread(target=_ask, name="cielr-ollama-models", daemon=True)
    thread.start()
    return thread


def _ask() -> None:
    global _names
    try:
        from ...cielr.errors import CielrError
        from ...cielr.reasoning.chats.ollama_chat import OllamaChat

        try:
            _names = sorted(OllamaChat("any").models())
        except CielrError:
            # the node says what to do when it is run without a model
            _names = []
    except ImportError:
        _names = []

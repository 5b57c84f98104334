"""Which models the Ollama server has, for the node's list; asked in the background, for ComfyUI must not wait."""

from __future__ import annotations

import threading
import time

FRESH = 5.0
"""Seconds for which an answer stands."""
PATIENCE = 0.7
"""Seconds that the list may keep the page waiting; what comes later is there when the lists are refreshed (R)."""

_names: list[str] = []
_asked = 0.0
_lock = threading.Lock()


def installed() -> list[str]:
    """Names of the models that the Ollama server of ComfyUI's environment holds, as far as is known."""
    global _asked
    with _lock:
        stale = time.monotonic() - _asked > FRESH
        if stale:
            _asked = time.monotonic()
    if stale:
        asking = threading.Thread(target=_ask, name="cielr-ollama-models", daemon=True)
        asking.start()
        asking.join(PATIENCE)
    return list(_names)


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

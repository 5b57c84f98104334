"""llama.cpp inside this process: a GGUF file is loaded, asked one thing at a time, and its memory given back.

The runtime is llama.cpp's own server without its web page. It binds a port of this machine that it offers no way to
leave out; the port asks for a key that is thrown away, and what is asked here goes past it.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...errors import Cancelled, LLMError, MissingDependency

try:
    import xllamacpp as _untyped
except ImportError as error:  # pragma: no cover - depends on what is installed
    raise MissingDependency("xllamacpp", "local") from error

xllamacpp: Any = _untyped
"""Its names come from compiled code, which tells no types."""
BATCH = 256
"""Tokens of the prompt that are read at a time: between two of these the reading can be stopped."""
KEPT_PROMPTS = 1024
"""Megabytes at most for what was read of other prompts, which a later one may begin with."""
CHUNK = 16 << 20
FAREWELL = 1.0
"""Seconds that giving the memory back may wait for an answer that was broken off to end."""
SILENT = -1
"""Of llama.cpp's log, which would go to the standard error."""
# the part of it that holds answers to grammars has a level of its own
os.environ.setdefault("LLGUIDANCE_LOG_LEVEL", "0")
CLOSE_SET = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""How JSON is set: where spaces are free a small model writes them without end."""
Take = Callable[[dict[str, Any]], None]
Stopped = Callable[[], bool]


class LlamaRuntime:
    """One model in memory.

    Args:
        file: of the GGUF format.
        context: tokens of a prompt and its answer together.
        threads: of the processor.
        stopped: asked while the file is read.

    Raises:
        LLMError: where it cannot be loaded; Cancelled.
    """

    def __init__(self, file: Path, context: int, threads: int, stopped: Stopped = lambda: False) -> None:
        self.context = context
        self._turn = threading.Lock()
        _warm(file, stopped)
        params = xllamacpp.CommonParams()
        params.model.path = str(file)
        params.model_alias = {"local"}
        params.n_ctx, params.n_parallel, params.n_batch, params.n_ubatch = context, 1, BATCH, BATCH
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.cache_ram_mib = KEPT_PROMPTS
        params.verbosity, params.warmup, params.ui, params.endpoint_slots = SILENT, False, False, False
        # what is said comes as it is said: llama.cpp's parsers of answers fail on half an answer
        params.force_pure_content_parser = True
        params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [secrets.token_urlsafe(32)]
        params.endpoint_metrics = True
        try:
            server = xllamacpp.Server(params)
            # whoever ends it before its loop has begun waits for ever: this comes back when the loop is there
            server.handle_metrics()
            self._server: Any = server
        except Exception as error:
            raise LLMError(
                f"llama.cpp cannot load {file}: it is damaged, too large for the memory that is free, or newer than "
                "the runtime (`pip install --upgrade xllamacpp`)."
            ) from error

    def answer(self, body: Mapping[str, Any], take: Take, stopped: Stopped) -> None:
        """Has one chat completion made; takes its turn where another is on its way.

        Args:
            body: as for a server of OpenAI's chat completions, with "stream".
            take: told each event; must not raise.
            stopped: asked between two pieces of the prompt and between two tokens; True ends it.
        """
        with self._turn:
            # held here, so that `close` can take it away meanwhile
            server = self._server
            if server is None or stopped():
                return

            def hear(event: str) -> bool:
                if stopped():
                    return True
                take(json.loads(event))
                return False

            server.handle_chat_completions(json.dumps(body), hear)

    def close(self) -> None:
        """Gives the memory back: at once, or where an answer was broken off, when that has ended."""
        self._server = None
        if self._turn.acquire(timeout=FAREWELL):
            self._turn.release()


def grammar_of(schema: Mapping[str, Any]) -> str:
    """What holds an answer to a JSON schema, token by token.

    Raises:
        LLMError: for a schema that cannot be held to.
    """
    try:
        return xllamacpp.json_schema_to_grammar({**schema, "x-guidance": CLOSE_SET})
    except Exception as error:
        raise LLMError(f"llama.cpp cannot hold an answer to this schema: {error}.") from error


def usual_threads() -> int:
    """Threads that serve llama.cpp best: one for each core, of which most processors show two."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return max(1, count // 2)


def uses_gpu() -> bool:
    """Whether the runtime that is installed finds a GPU."""
    return any("GPU" in str(device.get("type", "")) for device in xllamacpp.get_device_info())


def _warm(file: Path, stopped: Stopped) -> None:
    """Reads a file once, so that it lies in the system's cache: loading holds up the whole process, reading does not.

    Raises:
        LLMError: where it cannot be read; Cancelled.
    """
    buffer = bytearray(CHUNK)
    try:
        with file.open("rb", buffering=0) as source:
            while source.readinto(buffer):
                if stopped():
                    raise Cancelled("The work was cancelled while the language model was being loaded.")
    except OSError as error:
        raise LLMError(f"{file} cannot be read: {error.strerror or error}.") from error


__all__ = ["LlamaRuntime", "grammar_of", "usual_threads", "uses_gpu"]

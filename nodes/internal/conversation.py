"""The language model for all images of a batch: asked for leave before its first word, released after its last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..llm import LanguageModel
from .hosts import check_host

ASKING = ("sees", "complete", "weigh", "billions", "info", "models")
"""What a chat asks its server for."""


@contextmanager
def conversation(llm: Any) -> Iterator[Any]:
    """The chat of what came on the LLM socket, for as many instructions as there are images; None for None.

    Whatever has no settings is a chat already: another pack may bring its own.
    """
    if llm is None:
        yield None
        return
    from ...cielr.reasoning.chats.held import HeldChat

    chat: Any = llm
    if isinstance(llm, LanguageModel):
        chat = llm.chat() if llm.kind == "core" else _Asking(llm)
    with HeldChat(chat) as held:
        yield held


class _Asking:
    """A `Chat` that asks whether it may, and makes room, before anything goes to its server."""

    def __init__(self, llm: LanguageModel) -> None:
        self._llm = llm
        # what changes the sampling has to reach the chat itself
        self._chat = self.inner = llm.chat()
        self._begun = False

    def __getattr__(self, name: str) -> Any:
        if name in ASKING:
            self._begin()
        return getattr(self._chat, name)

    def _begin(self) -> None:
        if self._begun:
            return
        check_host(self._llm.kind, self._llm.address)
        # what is in memory already has its room, and would be pushed out with the others
        is_there = getattr(self._chat, "is_loaded", False)
        if self._llm.free_vram and self._chat.is_local and not is_there:
            import comfy.model_management

            comfy.model_management.unload_all_models()
            comfy.model_management.soft_empty_cache()
        self._begun = True

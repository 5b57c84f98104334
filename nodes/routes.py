"""What the front end asks ComfyUI's server for."""

from __future__ import annotations

import asyncio

from aiohttp import web
from server import PromptServer


def add_routes() -> None:
    """Registers the routes of this pack with ComfyUI's server."""
    if getattr(PromptServer, "instance", None) is None:
        return

    @PromptServer.instance.routes.get("/cielr/ollama/models")
    async def models(_: web.Request) -> web.Response:
        """Names of the models that the Ollama server of ComfyUI's environment holds; none where it does not answer."""
        return web.json_response(await asyncio.to_thread(_ollama_models))


def _ollama_models() -> list[str]:
    from ..cielr.errors import CielrError

    try:
        from ..cielr.reasoning.ollama_chat import OllamaChat

        return OllamaChat("any").models()
    except CielrError:
        # the node says what to do when it is run without a model
        return []

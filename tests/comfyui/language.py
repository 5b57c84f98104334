"""Nodes of language models with all that they need, and a graph in which Reason asks one."""

from __future__ import annotations

from typing import Any

from tests.comfyui.client import Prompt, node
from tests.comfyui.world import Shelf, action, chain, picture

ANGRY = "make the angriest disc calm"
LOOP = {
    "temperature": 0.0,
    "seed": 0,
    "max_rounds": 4,
    "grammar_first": True,
    "assume": False,
    "free_vram": True,
}
"""What the API wants of each of them."""


def ollama(server: Any, **settings: Any) -> dict[str, Any]:
    """With the model "tiny" of a server, or what `settings` say."""
    own = {"model": "", "other_model": "tiny", "host": server.url if server else "", "context": 0, "keep_loaded": False}
    return node("CIELR_OllamaLLM", **(LOOP | own | {"thinking": "as the model likes"} | settings))


def openai(server: Any, **settings: Any) -> dict[str, Any]:
    own = {"model": "tiny", "url": f"{server.url}/v1" if server else "", "vision": False}
    return node("CIELR_OpenAILLM", **(LOOP | own | settings))


def reasoned(shelf: Shelf, llm: dict[str, Any], instruction: str = ANGRY, answer: str = "") -> Prompt:
    """Nodes image, scene, llm, reason, regions, edit and keep."""
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    del prompt["a1"]
    prompt["llm"] = llm
    prompt["reason"] = node("CIELR_Reason", scene=["scene", 0], instruction=instruction, answer=answer, llm=["llm", 0])
    prompt["regions"]["inputs"] |= {"scene": ["reason", 0], "plan": ["reason", 1]}
    return prompt

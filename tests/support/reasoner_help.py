"""A reasoner that talks to a scripted server about a small scene, and eyes that find what they are told to find."""

import json
from dataclasses import fields
from itertools import pairwise

import pytest

pytest.importorskip("httpx")
pytest.importorskip("ollama")


from chat_help import QUICK
from llm_server import LLMServer, Say

from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject, SceneUpdate, new_id
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.loop import reason_with_llm
from cielr.reasoning.options import ReasonOptions

WIDTH, HEIGHT = 320, 200


def thing(name, box, label=None):
    box = Box(*box)
    return SceneObject(id=name, label=label or name.split("_")[0], box=box, mask=Mask.from_box(box, HEIGHT, WIDTH))


SCENE = Scene(
    width=WIDTH,
    height=HEIGHT,
    objects=(
        thing("bread_1", (10, 10, 90, 60)),
        thing("bowl_1", (120, 40, 300, 180)),
        thing("cup_1", (10, 90, 60, 150)),
    ),
)


class Eyes:
    """Perception that finds what it is told to find."""

    def __init__(self, finds=(), says="", fails=None):
        self.finds = finds
        self.says = says
        self.fails = fails
        self.asked = []

    def answer(self, scene, request):
        self.asked.append(request)
        if self.fails:
            raise self.fails
        if request.kind == "describe":
            return SceneUpdate(request=request, answer=self.says, source="eyes")
        labels = getattr(request, "labels", ("shadow",))
        added = []
        for number, label in enumerate(label for label in labels if label in self.finds):
            name = new_id(label, [*scene.used_ids, *(one.id for one in added)])
            added.append(thing(name, (130 + 20 * number, 60, 145 + 20 * number, 80), label))
        absent = tuple(label for label in labels if label not in self.finds)
        return SceneUpdate(request=request, added=tuple(added), absent=absent, source="eyes")


def turn(kind, reason="Because.", **more):
    return Say(json.dumps({"reason": reason, "turn": {"kind": kind, **more}}, ensure_ascii=False))


def asks(*requests):
    return turn("requests", requests=list(requests))


def detect(*labels):
    return asks({"kind": "detect", "labels": list(labels), "within": None})


def plans(*actions, summary="Done."):
    return turn("plan", actions=list(actions), summary=summary)


def removes(*targets):
    return plans({"kind": "remove", "targets": list(targets)})


OPTIONS = {field.name for field in fields(ReasonOptions)}
LOOK = {"kind": "describe", "object": "bowl_1", "question": "What is in it?"}
ORANGE = {"kind": "replace", "targets": ["kiwi_1"], "with": "an orange"}


def run(script, instruction="remove it", scene=SCENE, dialect="ollama", limits=QUICK, retries=1, server=None, **more):
    """(scene, plan, server); the server must be idle and the model released at the end, however that is."""
    options = more.pop("server_options", {})
    with LLMServer(script, **options) as server:
        address = f"ollama/tiny@{server.url}" if dialect == "ollama" else f"openai/tiny@{server.url}/v1"
        chat = chat_from(address, limits=limits, retries=retries)
        try:
            given = {name: more.pop(name) for name in OPTIONS & more.keys()}
            known, plan = reason_with_llm(
                scene, instruction, chat, options=ReasonOptions(auto=False).but(**given), **more
            )
        finally:
            assert server.settles()
            asked_ollama = any(request["path"] == "/api/chat" for request in server.requests)
            assert server.unloaded == (1 if asked_ollama else 0)
            check_prefixes(server)
        return known, plan, server


def check_prefixes(server):
    """Each round's messages begin with the last round's, byte for byte."""
    said = [[json.dumps(message) for message in chat["messages"]] for chat in server.chats]
    talks = [messages for messages in said if "You look at a crop" not in messages[0]]
    for before, after in pairwise(talks):
        assert after[: len(before)] == before

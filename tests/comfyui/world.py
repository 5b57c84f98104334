"""Small pictures whose scene is known exactly, and the way of arrays, scenes and pictures into the server's folders."""

from __future__ import annotations

import hashlib
import io
from functools import reduce
from pathlib import Path

import numpy as np
from scenes import scene_of_masks

from cielr.actions import Plan
from cielr.core.scene import Scene
from cielr.region import regions, seeded
from tests.comfyui.client import Client, Prompt, node

HEIGHT, WIDTH = 96, 160
DISCS = {"disc_1": (48, 32), "disc_2": (48, 80), "disc_3": (48, 128)}
"""id -> (row, column) of the centre; all have a radius of 12 pixels."""
COLOURS = {"disc_1": (0.8, 0.2, 0.2), "disc_2": (0.2, 0.7, 0.3), "disc_3": (0.2, 0.3, 0.8)}


def disc(name: str) -> np.ndarray:
    """bool [H, W]"""
    row, column = DISCS[name]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return (rows - row) ** 2 + (columns - column) ** 2 <= 12**2


def picture(shade: float = 0.5, seed: int = 1) -> np.ndarray:
    """float32 [H, W, 3]: three discs on ground with a fine grain; floats that no 8-bit file could hold."""
    image = shade + np.random.default_rng(seed).normal(0, 0.01, (HEIGHT, WIDTH, 3)).astype(np.float32)
    for name, colour in COLOURS.items():
        image[disc(name)] = np.array(colour) + image[disc(name)] - shade
    return np.clip(image, 0, 1).astype(np.float32)


def scene() -> Scene:
    """The discs as objects, with exact masks."""
    return scene_of_masks({name: disc(name) for name in DISCS})


def edited(image: np.ndarray, plan: Plan, seed: int, known: Scene | None = None) -> np.ndarray:
    """What the engine makes of it without ComfyUI."""
    from cielr.editing.executor import execute

    return execute(image, seeded(regions(plan, known or scene()), seed))


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """bool [H, W]: where any sample differs."""
    return (before != after).any(axis=-1)


def union(masks) -> np.ndarray:
    return reduce(np.logical_or, masks)


class Shelf:
    """Puts things into the server's input folder and says by what names nodes find them."""

    def __init__(self, base: Path, comfy: Client) -> None:
        self.folder = base / "input"
        self.comfy = comfy

    def array(self, array: np.ndarray) -> str:
        """For `CIELRTest_Array`; equal arrays have equal names, so that ComfyUI's cache knows them again."""
        memory = io.BytesIO()
        np.save(memory, array)
        return self._put(memory.getvalue(), "npy")

    def scene(self, known: Scene) -> str:
        """For `CIELR_LoadScene`."""
        return f"{self._put(known.to_json().encode(), 'scene.json')} [input]"

    def png(self, pixels: np.ndarray, name: str) -> str:
        """uint8 [H, W], [H, W, 3] or [H, W, 4] for `LoadImage`."""
        from PIL import Image

        memory = io.BytesIO()
        Image.fromarray(pixels).save(memory, "PNG")
        return self.comfy.upload(memory.getvalue(), name)

    def _put(self, data: bytes, suffix: str) -> str:
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.{suffix}"
        (self.folder / name).write_bytes(data)
        return name


def action(kind: str, targets: str = "", words: str = "", **more) -> dict:
    """A `CIELR_Action` node."""
    return node("CIELR_Action", kind=kind, targets=targets, words=words, **more)


def chain(shelf: Shelf, image: np.ndarray, *actions: dict, seed: int = 7, known: Scene | None = None) -> Prompt:
    """A graph that carries out actions on a picture: nodes image, scene, a1 … an, regions, edit, keep."""
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(image if image.ndim == 4 else image[None])),
        "scene": node("CIELR_LoadScene", file=shelf.scene(known or scene())),
    }
    for number, one in enumerate(actions, start=1):
        before = {"plan": [f"a{number - 1}", 0]} if number > 1 else {}
        prompt[f"a{number}"] = {**one, "inputs": {**DEFAULTS, **one["inputs"], **before}}
    prompt["regions"] = node("CIELR_ActionToMask", scene=["scene", 0], plan=[f"a{len(actions)}", 0])
    prompt["edit"] = node("CIELR_EditExecutor", image=["image", 0], regions=["regions", 0], seed=seed)
    prompt["keep"] = node("CIELRTest_Keep", image=["edit", 0])
    return prompt


DEFAULTS = {
    "relation": "by",
    "anchors": "",
    "x": 0.0,
    "y": 0.0,
    "scale": 1.0,
    "prompt": "",
    "negative_prompt": "",
    "keep": "",
}
"""Of `CIELR_Action`: the API wants every required input."""

"""`make_scenes`: a benchmark that needs no download. Rendered scenes with exact masks, depth, relations, instructions,
and the true picture after the edit.

    folder/
        dataset.json            what made it
        manifest.jsonl          one case a line, as `datasets.case.Case`
        scene_0001/image.png    the picture; scene.json the true scene; relations.json; depth.png, 16 bits, near is 0
        scene_0001/truth_3.png  the picture as the third case of the scene should leave it
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...core.geometry import Mask, relations
from ...core.scene import Scene, SceneObject, new_id
from ...core.serial import canonical, write_bytes, write_text
from ...errors import CielrError
from ..datasets.case import Case
from ..reason_cases import GROUPS
from .instructions import Teller, Told
from .layout import Stage, staged
from .tracer import Part, Picture, World, render, render_changed

VERSION = 1
"""Of the pictures and instructions: equal versions and seeds give equal files."""
CASES = 300
PER_SCENE = 5
SEEN_LEAST = 0.0015
"""Of the picture: what shows less is taken away before the scene is drawn."""
SHADOW_LEAST = 0.0004
RELATIONS = ("left_of", "right_of", "above", "below", "in_front_of", "behind", "next_to", "touching")


def make_scenes(
    folder: str | Path, cases: int = CASES, seed: int = 0, on_scene: Callable[[int, int], None] | None = None
) -> int:
    """Renders scenes into a folder until there are so many cases; returns the number of scenes.

    What an earlier call with the same numbers has finished is kept, so that one that was broken off goes on.

    Args:
        on_scene: told (cases done, cases in all) after each scene; what it raises ends the work.

    Raises:
        CielrError: where the folder holds something else, or cannot be written.
    """
    folder = Path(folder)
    facts = {"format": "cielr-scenes", "version": VERSION, "seed": seed, "cases": cases}
    try:
        _claim(folder, canonical(facts, indent=1) + "\n")
        made: list[Case] = []
        number = 0
        counts: dict[str, int] = dict.fromkeys(GROUPS, 0)
        while len(made) < cases:
            new = _made_scene(folder, number, seed, counts, min(PER_SCENE, cases - len(made)))
            for case in new:
                counts[case.group] += 1
            made += new
            number += 1
            if on_scene is not None:
                on_scene(len(made), cases)
        lines = [canonical(case.model_dump(mode="json", exclude_defaults=True)) for case in made]
        write_text(folder / "manifest.jsonl", "\n".join(lines) + "\n")
    except OSError as error:
        raise CielrError(f"The scenes cannot be written to {folder}: {error.strerror or error}.") from error
    return number


def _claim(folder: Path, facts: str) -> None:
    """Raises CielrError where the folder is another's."""
    path = folder / "dataset.json"
    if path.exists():
        if path.read_text(encoding="utf-8") != facts:
            raise CielrError(f"{folder} holds scenes made with other numbers; name a new folder.")
    elif folder.exists() and any(folder.iterdir()):
        raise CielrError(f"{folder} is not empty and holds no scenes; name a new folder.")
    else:
        write_text(path, facts)


def _made_scene(folder: Path, number: int, seed: int, counts: dict[str, int], wanted: int) -> list[Case]:
    """The cases of one scene, drawn and written; those of groups that are rare so far come first."""
    rng = np.random.default_rng([VERSION, seed, number])
    stage = seen_well(staged(number, rng))
    name = f"scene_{number + 1:04d}"
    done = folder / name / "cases.json"
    if done.exists():
        return [Case.model_validate(value) for value in json.loads(done.read_text(encoding="utf-8"))]
    picture = render(stage.world, stage.width, stage.height)
    scene = true_scene(stage, picture)
    chosen = _chosen(Teller(stage, scene, rng).all(), counts, wanted)
    write_text(folder / name / "scene.json", scene.to_json())
    write_text(folder / name / "relations.json", canonical(_relations(scene), indent=1) + "\n")
    write_bytes(folder / name / "image.png", png(picture.pixels))
    write_bytes(folder / name / "depth.png", _depth_png(picture))
    cases = [_case(folder, name, k, chosen[k], stage, scene, picture) for k in range(len(chosen))]
    write_text(done, canonical([case.model_dump(mode="json", exclude_defaults=True) for case in cases]))
    return cases


def seen_well(stage: Stage) -> Stage:
    """The stage without what is hidden, tiny or cut off by the frame."""
    small = render(stage.world, stage.width // 4, stage.height // 4)
    border = np.concatenate([small.things[0], small.things[-1], small.things[:, 0], small.things[:, -1]])
    kept = [
        number
        for number in range(len(stage.things))
        if (small.things == number).mean() >= SEEN_LEAST and number not in border
    ]
    places = {number: place for place, number in enumerate(kept)}
    parts = [
        Part(part.solid, part.surface, places.get(part.thing, part.thing))
        for part in stage.world.parts
        if part.thing < 0 or part.thing in places
    ]
    things = tuple(stage.things[number] for number in kept)
    return replace(stage, world=replace(stage.world, parts=tuple(parts)), things=things)


def true_scene(stage: Stage, picture: Picture) -> Scene:
    """The scene as it is: things in the order of their indices, then their shadows. Depth: 0 nearest … 1 farthest."""
    height, width = picture.things.shape
    near, far = float(picture.depth.min()), float(picture.depth.max())
    objects: list[SceneObject] = []
    for number, thing in enumerate(stage.things):
        mask = Mask.from_array(picture.things == number)
        depth = (float(np.median(picture.depth[picture.things == number])) - near) / max(far - near, 1e-6)
        objects.append(
            SceneObject(
                id=new_id(thing.label, [other.id for other in objects]),
                label=thing.label,
                box=mask.box,
                mask=mask,
                depth=round(depth, 4),
                attributes={"colour": thing.colour, "material": thing.material},
                source="rendered",
            )
        )
    for number in range(len(stage.things)):
        shaded = (picture.shadow >> np.uint64(number) & np.uint64(1)).astype(bool) & (picture.things < 0)
        mask = Mask.from_array(shaded)
        if mask.area >= SHADOW_LEAST * width * height:
            objects.append(
                SceneObject(
                    id=new_id("shadow", [other.id for other in objects]),
                    label="shadow",
                    box=mask.box,
                    mask=mask,
                    effect_of=objects[number].id,
                    source="rendered",
                )
            )
    return Scene(width=width, height=height, objects=tuple(objects))


def true_picture(stage: Stage, scene: Scene, picture: Picture, instruction: Told) -> np.ndarray | None:
    """uint8[H, W, 3] as the edit should leave it; None where the instruction has no such picture."""
    if not instruction.removed and not instruction.painted:
        return None
    names = {thing.id: number for number, thing in enumerate(scene.objects)}
    world: World = stage.world
    for name in instruction.removed:
        world = world.without(names[name])
        picture = render_changed(world, picture, names[name])
    for name, colour in instruction.painted:
        world = world.painted(names[name], stage.things[names[name]].painted(colour))
        picture = render_changed(world, picture, names[name])
    return picture.pixels


def _chosen(instructions: dict[str, list[Told]], counts: dict[str, int], wanted: int) -> list[Told]:
    chosen: list[Told] = []
    left = {group: list(several) for group, several in instructions.items()}
    counts = dict(counts)
    while len(chosen) < wanted and any(left.values()):
        group = min((name for name in left if left[name]), key=lambda name: (counts[name], GROUPS.index(name)))
        chosen.append(left[group].pop(0))
        counts[group] += 1
    return chosen


def _case(folder: Path, name: str, k: int, instruction: Told, stage: Stage, scene: Scene, picture: Picture) -> Case:
    after = true_picture(stage, scene, picture, instruction)
    truth = None
    if after is not None:
        truth = f"{name}/truth_{k + 1}.png"
        write_bytes(folder / truth, png(after))
    named = [step.targets.split() for step in instruction.do if isinstance(step.targets, str)]
    targets = dict.fromkeys(name for names in named for name in names)
    return Case(
        id=f"{name}-{k + 1}",
        group=instruction.group,
        image=f"{name}/image.png",
        instruction=instruction.text,
        truth=truth,
        scene=f"{name}/scene.json",
        targets=tuple(targets),
        do=instruction.do,
        asks=not instruction.do,
        kinds=tuple(dict.fromkeys(step.kind for step in instruction.do)),
    )


def _relations(scene: Scene) -> list[list[str]]:
    """["cup_1", "left_of", "vase_1"] for every relation that holds between two things, by code."""
    things = [thing for thing in scene.objects if thing.effect_of is None]
    held = []
    for name in RELATIONS:
        holds: Any = getattr(relations, name)
        held += [[a.id, name, b.id] for a in things for b in things if a is not b and holds(a, b)]
    return held


def png(pixels: np.ndarray) -> bytes:
    """A PNG file of a picture uint8[H, W, 3] or uint16[H, W]; equal pixels give equal bytes."""
    memory = io.BytesIO()
    Image.fromarray(pixels).save(memory, format="PNG", compress_level=4)
    return memory.getvalue()


def _depth_png(picture: Picture) -> bytes:
    near, far = float(picture.depth.min()), float(picture.depth.max())
    return png(np.rint((picture.depth - near) / max(far - near, 1e-6) * 65535).astype(np.uint16))

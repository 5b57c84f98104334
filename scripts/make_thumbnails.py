"""Writes the pictures that ComfyUI's template browser shows: before and after, or what is asked of which models.

python scripts/make_thumbnails.py

Each card has a photo, what is asked, and who sees, who reasons and who paints, large enough for a card of 230 px. Only
what needs no weights can be shown before and after; of the others no result is shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
from check_workflows import flows
from make_docs_pictures import ROOT, carried_out, masked, photo
from PIL import Image, ImageDraw, ImageFont, ImageOps

import cielr
from cielr.actions import Modify, Plan, Remove
from cielr.core.geometry import Box, Mask
from cielr.editing.executor import execute
from cielr.perception.assemble import scene_from_masks
from cielr.perception.outlines import ColourSegmenter
from cielr.region import regions, seeded

WORKFLOWS = ROOT / "workflows"
SIDE = 800
"""Of a card, which the browser shows as a square."""
FINE = 2
"""How much larger a card is drawn than it is saved, so that its edges are smooth."""
GROUND, WORDS, FAINT = ("#2b2f5e", "#12142b"), "#ffffff", "#aab0de"
SEES, THINKS, PAINTS = "#c79a4e", "#8794e6", "#ff8a66"
BUILT_IN = "built in"
CARDS = {
    "paper_setup": ("OWLv2, SAM 2.1, Depth Anything", "Qwen3 8B", "SD 1.5 inpainting"),
    "all_core": ("SAM 3 of ComfyUI", "Qwen3-VL of ComfyUI", "SD 1.5 inpainting"),
    "core_qwen_image_edit": ("SAM 3 of ComfyUI", "Qwen3-VL of ComfyUI", "Qwen-Image-Edit"),
    "core_flux_2_klein": ("SAM 3 of ComfyUI", "Gemma 4 of ComfyUI", "Flux.2 Klein"),
    "grounding_dino_sdxl": ("GroundingDINO, SAM", BUILT_IN, "SDXL inpainting"),
    "flux_fill": (BUILT_IN, "Qwen3 8B", "Flux Fill"),
    "edit_model": (BUILT_IN, BUILT_IN, "Flux Kontext, instructed"),
    "any_checkpoint": (BUILT_IN, BUILT_IN, "any checkpoint"),
    "own_sampler": (BUILT_IN, BUILT_IN, "your own sampler"),
    "quickstart": (BUILT_IN, BUILT_IN, BUILT_IN),
    "review_then_edit": (BUILT_IN, "built in, then you", BUILT_IN),
    "plan_by_hand": (BUILT_IN, "you", BUILT_IN),
    "bring_your_own_masks": ("your own masks", BUILT_IN, BUILT_IN),
    "only_here_never_there": ("built in, your masks", BUILT_IN, BUILT_IN),
    "draw_your_own_boxes": ("your own boxes", BUILT_IN, BUILT_IN),
}
"""Workflow -> who sees, who reasons, who paints."""


HAND_PLAN = Plan(
    actions=(Modify(targets=("coin_18",), change="colour dark red"), Remove(targets=("coin_2",))),
    summary="coin_18 dark red, coin_2 gone",
)


def main() -> None:
    made = {"quickstart": by_instruction, "review_then_edit": by_instruction}
    made |= {"plan_by_hand": by_hand, "bring_your_own_masks": by_masks}
    made |= {"only_here_never_there": by_painting, "draw_your_own_boxes": by_boxes}
    for name, saved in flows().items():
        target = saved.with_suffix(".jpg")
        nodes = json.loads((WORKFLOWS / "api" / f"{name}.json").read_text(encoding="utf-8")).values()
        inputs = {node["class_type"]: node["inputs"] for node in nodes}
        pictures = made[name](inputs) if name in made else (loaded(inputs),)
        picture = card(pictures, asked(inputs), *CARDS[name])
        picture.save(target, quality=88)
        print(target)


def asked(inputs: dict) -> str:
    return f"“{inputs['CIELR_Reason']['instruction']}”" if "CIELR_Reason" in inputs else HAND_PLAN.summary


def loaded(inputs: dict) -> np.ndarray:
    return photo(inputs["LoadImage"]["image"])


def by_instruction(inputs: dict) -> tuple[np.ndarray, np.ndarray]:
    before = loaded(inputs)
    labels, words = [inputs["CIELR_SceneParse"]["labels"]], inputs["CIELR_Reason"]["instruction"]
    return before, cielr.edit(before, words, labels=labels, seed=inputs["CIELR_EditExecutor"]["seed"]).image


def by_hand(inputs: dict) -> tuple[np.ndarray, np.ndarray]:
    before = loaded(inputs)
    scene = cielr.perceive(before, labels=[inputs["CIELR_SceneParse"]["labels"]])
    return before, execute(before, seeded(regions(HAND_PLAN, scene), 0))


def by_masks(inputs: dict) -> tuple[np.ndarray, np.ndarray]:
    before = loaded(inputs)
    mask = masked(inputs["LoadImageMask"]["image"])
    scene = scene_from_masks(before, [mask], [inputs["CIELR_SceneFromMasks"]["labels"]])
    return before, carried_out(before, scene, inputs["CIELR_Reason"]["instruction"])


def by_painting(inputs: dict) -> tuple[np.ndarray, np.ndarray]:
    before = photo("coins.png")
    painted = {name: np.asarray(Image.open(ROOT / "photos" / f"coins_{name}.png")) for name in ("only", "never")}
    bounds = {name: Mask.from_array(picture[..., -1] < 128) for name, picture in painted.items()}
    scene = cielr.perceive(before, labels=[inputs["CIELR_SceneParse"]["labels"]])
    return before, carried_out(before, scene, inputs["CIELR_Reason"]["instruction"], **bounds)


def by_boxes(inputs: dict) -> tuple[np.ndarray, np.ndarray]:
    before = loaded(inputs)
    drawn = inputs["CreateBoundingBoxes"]["editor_state"]["__value__"]
    boxes = [Box(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]) for box in drawn]
    label = inputs["CIELR_SceneFromMasks"]["labels"]
    scene = scene_from_masks(before, ColourSegmenter().segment(before, boxes), [label] * len(boxes))
    return before, carried_out(before, scene, inputs["CIELR_Reason"]["instruction"])


def card(pictures: Sequence[np.ndarray], words: str, sees: str, thinks: str, paints: str) -> Image.Image:
    """The photo, or before and after, what is asked, and by whom it is done."""
    side = SIDE * FINE
    top, bottom = (np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) for colour in GROUND)
    shade = np.linspace(top, bottom, side).round().astype(np.uint8)
    sheet = Image.fromarray(np.repeat(shade[:, None], side, axis=1))
    brush = ImageDraw.Draw(sheet)
    tall, wide, seam = round(0.37 * side), side // len(pictures), round(0.006 * side)
    for number, picture in enumerate(pictures):
        # as much of its middle as fits that shape
        middle = ImageOps.fit(Image.fromarray(picture), (wide, tall), Image.Resampling.LANCZOS)
        sheet.paste(middle, (number * wide, 0))
        if number:
            brush.rectangle((number * wide - seam, 0, number * wide + seam, tall), WORDS)
    width, large = round(0.93 * side), round(0.22 * tall)
    lines, size = wrapped(words, width, large, most=1)
    if size < 0.7 * large:
        lines, size = wrapped(words, width, large, most=2)
    y = tall + round(0.12 * side - 0.625 * size * len(lines))
    for line in lines:
        brush.text((side / 2, y), line, WORDS, font(size), "ma", stroke_width=FINE)
        y += round(1.25 * size)
    y = round(0.37 * side + 0.24 * side)
    for draw, colour, name in ((eye, SEES, sees), (bubble, THINKS, thinks), (dab, PAINTS, paints)):
        step = round(0.128 * side)
        middle = y + step // 2
        draw(brush, round(0.09 * side), middle, round(0.048 * side), colour)
        _, size = wrapped(name, round(0.8 * side), round(0.078 * side), most=1)
        brush.text(
            (round(0.17 * side), middle),
            name,
            FAINT if name == BUILT_IN else WORDS,
            font(size),
            "lm",
            stroke_width=0 if name == BUILT_IN else FINE,
        )
        y += step
    return sheet.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def wrapped(words: str, width: int, size: int, most: int) -> tuple[list[str], int]:
    """Words in at most so many lines of one width, and how large they can then be set, at most `size`."""
    while True:
        lines = [""]
        for word in words.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and font(size).getlength(longer) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        if len(lines) <= most and all(font(size).getlength(line) <= width for line in lines):
            return lines, size
        size -= 1


def eye(brush: ImageDraw.ImageDraw, x: int, y: int, r: int, colour: str) -> None:
    turns = [math.pi * i / 24 for i in range(25)]
    lid = [(x - r * math.cos(t), y - 0.66 * r * math.sin(t)) for t in turns]
    brush.polygon([*lid, *[(2 * x - a, 2 * y - b) for a, b in lid]], colour)
    disc(brush, x, y, 0.44 * r, GROUND[1])
    disc(brush, x + 0.14 * r, y - 0.14 * r, 0.14 * r, WORDS)


def bubble(brush: ImageDraw.ImageDraw, x: int, y: int, r: int, colour: str) -> None:
    brush.rounded_rectangle((x - r, y - 0.75 * r, x + r, y + 0.45 * r), 0.4 * r, colour)
    brush.polygon([(x - 0.5 * r, y + 0.4 * r), (x + 0.1 * r, y + 0.4 * r), (x - 0.55 * r, y + 0.95 * r)], colour)
    for i in (-1, 0, 1):
        disc(brush, x + 0.5 * i * r, y - 0.15 * r, 0.14 * r, GROUND[1])


def dab(brush: ImageDraw.ImageDraw, x: int, y: int, r: int, colour: str) -> None:
    """A paintbrush."""
    brush.line((x - 0.1 * r, y + 0.1 * r, x + 0.8 * r, y - 0.8 * r), FAINT, round(0.3 * r))
    disc(brush, x + 0.8 * r, y - 0.8 * r, 0.15 * r, FAINT)
    disc(brush, x - 0.3 * r, y + 0.3 * r, 0.45 * r, colour)
    brush.polygon([(x - 0.7 * r, y + 0.1 * r), (x - 0.1 * r, y + 0.7 * r), (x - 0.95 * r, y + 0.95 * r)], colour)


def disc(brush: ImageDraw.ImageDraw, x: float, y: float, r: float, colour: str) -> None:
    brush.ellipse((x - r, y - r, x + r, y + r), colour)


if __name__ == "__main__":
    main()

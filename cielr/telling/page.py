"""The trace as one HTML page, with its pictures in it and nothing from a network.

Every word on the page that came from a file, a model or a user goes through `html.escape`; the page's only script is
fixed and named by its hash, so that a browser would run no other.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from ..actions import Plan
from ..core.scene import Scene, SceneObject
from ..core.serial import canonical, why_not_written, write_together
from ..core.text import counted, plain
from ..errors import CielrError
from ..region import Region
from .page_pictures import DETAIL, drawing, outlined, own_colour, picture_url, shown_width
from .template import filled_page
from .trace import Note, Step, Trace
from .wording import request_words, scene_words

FILES = ("trace.json", "trace.html")
"""That a saved trace consists of."""
MOST_REGIONS = 24
"""So many are shown; a plan that changes hundreds of things would make a page that no browser likes."""
SPEAKING = ("colour", "size", "position", "shape")
"""Attributes whose values need no heading."""
RETRIES = ("retry", "error", "repair", "forced", "unfinished")
"""Kinds of notes that tell of something that went wrong."""
LONG = 160
"""Characters; longer texts are folded."""

SCRIPT = """
for (const box of document.querySelectorAll('.compare')) {
  const range = box.querySelector('input');
  const move = () => box.style.setProperty('--at', range.value + '%');
  range.addEventListener('input', move);
  move();
}
const parts = new Map();
for (const node of document.querySelectorAll('[data-thing]')) {
  const name = node.dataset.thing;
  if (!parts.has(name)) parts.set(name, []);
  parts.get(name).push(node);
}
const show = (name, from) => {
  for (const [other, nodes] of parts) for (const node of nodes) node.classList.toggle('on', other === name);
  if (name === null || from.tagName === 'TR') return;
  const row = parts.get(name).find(node => node.tagName === 'TR'), frame = row && row.closest('.table');
  // only the table scrolls, the page stays where it is
  if (frame) frame.scrollTop = Math.max(0, row.offsetTop - frame.clientHeight / 2);
};
for (const [name, nodes] of parts) for (const node of nodes) {
  for (const kind of ['mouseenter', 'focus', 'click']) node.addEventListener(kind, () => show(name, node));
  for (const kind of ['mouseleave', 'blur']) node.addEventListener(kind, () => show(null, node));
}
"""


def save_trace(trace: Trace, folder: str | Path, original: np.ndarray | None = None) -> Path:
    """Writes `trace.json` and `trace.html` into the folder (made where it is missing); returns the page's path.

    Args:
        original: the photo, uint8 or float32 [H, W, 3], where no step has it among its inputs.

    Raises:
        CielrError: where they cannot be written.
    """
    folder = Path(folder)
    try:
        texts = (trace.to_json(), page(trace, original))
        write_together(folder, zip(FILES, (text.encode("utf-8") for text in texts), strict=True))
    except OSError as error:
        raise CielrError(f"The trace cannot be written to {folder}: {why_not_written(error)}.") from error
    return folder / FILES[1]


def page(trace: Trace, original: np.ndarray | None = None) -> str:
    """The page of a trace.

    Args:
        original: uint8 or float32 [H, W, 3], where the trace itself does not hold it.
    """
    scene, plan = trace.last(Scene), trace.last(Plan)
    regions = _regions(trace)
    result = trace.last(np.ndarray, "image") if any("image" in step.outputs for step in trace.steps) else None
    if original is None:
        original = next((step.inputs["image"] for step in trace.steps if _is_image(step.inputs.get("image"))), None)
    title = next((step.inputs["instruction"] for step in trace.steps if step.inputs.get("instruction")), "A scene")
    sections = [
        _top(original, result, plan),
        _scene_section(scene, plan, original),
        _region_section(regions, original, result),
        _steps_section(trace),
    ]
    broken = next((step for step in trace.steps if step.error), None)
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return filled_page(
        "cielr.telling",
        "page.html",
        {
            "title": escape(plain(str(title))),
            "facts": _facts(trace, original, scene),
            "failure": f'<p class="failed">Broken off at “{escape(broken.name)}”: {escape(broken.error)}</p>'
            if broken
            else "",
            "sections": "\n".join(sections),
            "script": SCRIPT,
            "script-hash": f"sha256-{digest}",
        },
    )


def _facts(trace: Trace, original: np.ndarray | None, scene: Scene | None) -> str:
    facts = [trace.started.strftime("%Y-%m-%d %H:%M UTC"), f"{trace.seconds:.1f} s"]
    if original is not None:
        facts.insert(1, f"{original.shape[1]} × {original.shape[0]} pixels")
    if scene is not None:
        facts.append(scene_words(scene))
    return escape(" · ".join(facts))


# --------------------------------------------------------------------------------------------------------- sections


def _top(original: np.ndarray | None, result: np.ndarray | None, plan: Plan | None) -> str:
    shown = ""
    if original is not None and result is not None and original.shape == result.shape:
        size = f"width:min(100%,{shown_width(original)}px)"
        shown = (
            f'<section><h2>Before and after</h2><div class="compare" style="{size}">'
            f'<img src="{picture_url(original)}" alt="The photo before the edit">'
            f'<img class="after" src="{picture_url(result)}" alt="The photo after the edit">'
            '<span class="tag left">before</span><span class="tag right">after</span><span class="edge"></span>'
            '<input type="range" min="0" max="100" value="50" step="0.1" '
            'aria-label="Share of the photo before the edit"></div></section>'
        )
    elif original is not None:
        image = f'<img src="{picture_url(original)}" alt="The photo" style="max-width:100%">'
        shown = f"<section><h2>The photo</h2>{image}</section>"
    if plan is None:
        return shown
    steps = "".join(f"<li>{_action(action)}</li>" for action in plan.actions)
    summary = f'<p class="soft">{escape(plan.summary)}</p>' if plan.summary else ""
    planned = f'<section><h2>Plan</h2>{summary}<ol class="plan">{steps}</ol></section>'
    return f'<div class="pair top">{shown}{planned}</div>' if shown else planned


def _action(action: Any) -> str:
    lines = [f"{escape(action.sentence())}."]
    for head, text in (
        ("why", action.reason),
        ("to be drawn", action.prompt),
        ("to be avoided", action.negative_prompt),
        ("unchanged", ", ".join(action.keep)),
    ):
        if text:
            lines.append(f'<span class="small"><span class="soft">{head}:</span> {escape(text)}</span>')
    return "<br>".join(lines)


def _scene_section(scene: Scene | None, plan: Plan | None, original: np.ndarray | None) -> str:
    if scene is None:
        return ""
    chosen = {name for action in plan.actions for name in action.objects} if plan else set()
    caption = f"<p>{escape(scene.caption)}</p>" if scene.caption else ""
    absent = (
        f'<p class="soft small">Looked for, not found: {escape(", ".join(scene.absent))}</p>' if scene.absent else ""
    )
    rows = "".join(_row(thing, number, thing.id in chosen, scene) for number, thing in enumerate(scene.objects))
    table = (
        '<div class="table"><table><thead><tr><th>id</th><th>label</th><th class="number">share</th>'
        f'<th class="number">depth</th><th>known about it</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
    return (
        f'<div class="pair"><section><h2>What was seen</h2>{drawing(scene, chosen, original)}</section>'
        f"<section><h2>{counted(len(scene.objects), 'object')}</h2>{caption}{table}{absent}{_updates(scene)}</section>"
        "</div>"
    )


def _row(thing: SceneObject, number: int, chosen: bool, scene: Scene) -> str:
    guessed = thing.attributes.get("depth", "")
    known = [
        value if key in SPEAKING else f"{key}: {value}" for key, value in thing.attributes.items() if key != "depth"
    ]
    known += [f"part of {thing.part_of}"] * (thing.part_of is not None)
    known += [f"cast by {thing.effect_of}"] * (thing.effect_of is not None)
    known += [f"score {thing.score:.2f}"] * (thing.score < 1)
    share = 100 * thing.mask.area / (scene.width * scene.height)
    depth = "" if thing.depth is None else f"{thing.depth:.2f}"
    # said of every row alike, so it is behind a mark
    depth += f' <abbr title="{escape(guessed)}">?</abbr>' if guessed else ""
    return (
        f'<tr data-thing="{escape(thing.id)}" tabindex="0"{" class=chosen" if chosen else ""}>'
        f'<td><span class="dot" style="background:{own_colour(number)}"></span>{escape(thing.id)}</td>'
        f'<td>{escape(thing.label)}</td><td class="number">{share:.1f} %</td><td class="number">{depth}</td>'
        f"<td>{escape(', '.join(known))}</td></tr>"
    )


def _updates(scene: Scene) -> str:
    lines = []
    for record in scene.updates:
        asked = request_words(record.request) if record.request is not None else "changed by hand"
        asked += f": {question}" if (question := getattr(record.request, "question", "")) else ""
        changes = [*(f"+ {name}" for name in record.added), *(f"~ {name}" for name in record.changed)]
        changes += [*(f"− {name}" for name in record.removed), *(f"no {label}" for label in record.absent)]
        words = ", ".join(changes) or ("" if record.answer else "nothing")
        answer = record.answer.removeprefix(f"{asked}:").strip()
        answered = f'<div class="soft said">{escape(answer)}</div>' if answer else ""
        lines.append(f"<li>{escape(asked)}{escape(f' → {words}' if words else '')}{answered}</li>")
    return (
        f'<h2 style="margin-top:1rem">Found out later</h2><ol class="plan small">{"".join(lines)}</ol>' if lines else ""
    )


def _region_section(regions: Sequence[Region], original: np.ndarray | None, result: np.ndarray | None) -> str:
    if not regions:
        return ""
    figures = "".join(_figure(region, original, result) for region in regions[:MOST_REGIONS])
    rest = len(regions) - MOST_REGIONS
    more = f'<p class="soft small">{rest} more regions are not shown; trace.json has them.</p>' if rest > 0 else ""
    return f'<section><h2>{counted(len(regions), "region")}</h2><div class="regions">{figures}</div>{more}</section>'


def _figure(region: Region, original: np.ndarray | None, result: np.ndarray | None) -> str:
    pictures = []
    if original is not None:
        pictures.append((outlined(original[region.crop.slices], region), "What the painter sees, the region marked"))
    if result is not None:
        pictures.append((picture_url(result[region.crop.slices], DETAIL), "The same place afterwards"))
    images = "".join(f'<img src="{source}" alt="{text}">' for source, text in pictures)
    box = region.support.box
    where = f"{region.support.area:,} pixels in {box.width} × {box.height} at {box.x0}, {box.y0}"
    return (
        f'<figure><div class="two">{images}</div>'
        f"<figcaption>{region.index + 1}. {escape(region.action.sentence())}<br>"
        f'<span class="soft">{where}, feather {region.feather} px, seed {region.seed}</span></figcaption></figure>'
    )


def _steps_section(trace: Trace) -> str:
    longest = max((step.seconds or 0 for step in trace.steps), default=0) or 1
    return f"<section><h2>Steps</h2>{''.join(_step(step, longest) for step in trace.steps)}</section>"


def _step(step: Step, longest: float) -> str:
    time = "not finished" if step.seconds is None else f"{step.seconds:.2f} s"
    width = 100 * (step.seconds or 0) / longest
    values = [(key, value, "in") for key, value in step.inputs.items() if value is not None]
    values += [(key, value, "out") for key, value in step.outputs.items() if value is not None]
    facts = "".join(
        f"<dt>{'→ ' if side == 'out' else ''}{escape(key)}</dt><dd>{escape(_short(value))}</dd>"
        for key, value, side in values
    )
    error = f'<p class="failed">{escape(step.error)}</p>' if step.error else ""
    return (
        f'<div class="step"><div class="head"><strong>{escape(step.name)}</strong>'
        f'<span class="bar"><span style="width:{width:.1f}%"></span></span><span class="time">{time}</span></div>'
        f"<dl>{facts}</dl>{''.join(_note(note) for note in step.notes)}{error}</div>"
    )


def _note(note: Note) -> str:
    kind = f'<span class="kind {"retry" if note.kind in RETRIES else ""}">{escape(note.kind)}</span>'
    first = " ".join((_reply_words(note) or note.text).split())
    first = first if len(first) <= LONG else first[:LONG] + "…"
    data = "".join(f"<dt>{escape(str(key))}</dt><dd>{escape(_short(value))}</dd>" for key, value in note.data.items())
    whole = f"<pre>{escape(note.text)}</pre>" if note.text != first else ""
    inner = whole + (f"<dl>{data}</dl>" if data else "")
    head = f'{kind}{escape(first)} <span class="soft">{note.seconds:.1f} s</span>'
    if not inner:
        return f'<p class="small" style="margin-top:.4rem">{head}</p>'
    return f"<details><summary>{head}</summary>{inner}</details>"


def _reply_words(note: Note) -> str | None:
    """What a language model's answer comes to: the notes that follow tell its reason, and the whole of it is folded."""
    if note.kind != "reply" or "round" not in note.data:
        return None
    try:
        turn = dict(json.loads(note.text)["turn"])
        said = {
            "requests": lambda: f"wants {counted(len(turn['requests']), 'thing')} looked up",
            "plan": lambda: f"a plan of {counted(len(turn['actions']), 'action')}",
            "question": lambda: "a question to the user",
        }[turn["kind"]]()
    except (ValueError, KeyError, TypeError, RecursionError):
        said = "an answer in no known form"
    return f"Round {note.data['round']}: {said}"


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{' × '.join(map(str, value.shape))} {value.dtype}"
    if isinstance(value, (Scene, Plan)):
        return (
            scene_words(value)
            if isinstance(value, Scene)
            else "; ".join(action.sentence() for action in value.actions) or "nothing"
        )
    if isinstance(value, BaseModel):
        return canonical(value.model_dump(mode="json", by_alias=True, exclude_none=True))[: 4 * LONG]
    if isinstance(value, Sequence) and not isinstance(value, str):
        if value and all(isinstance(item, Region) for item in value):
            return counted(len(value), "region")
        return ", ".join(map(_short, value[:20])) + (" …" if len(value) > 20 else "")
    return str(value)


def _is_image(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 3 and value.shape[2] == 3


def _regions(trace: Trace) -> list[Region]:
    for step in reversed(trace.steps):
        for value in step.outputs.values():
            if isinstance(value, Sequence) and value and all(isinstance(item, Region) for item in value):
                return list(value)
    return []

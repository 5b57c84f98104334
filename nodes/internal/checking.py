"""A painted action is looked at; where it did not do what it should, the check expands into another attempt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch
from comfy_api.latest import io

from ..region import changed_mask
from ..sockets import INPAINTER, LLM, PERCEPTION, to_arrays, watch
from .conversation import conversation
from .graph import in_order
from .running import own_inputs
from .schema import expanding
from .show import change_line

if TYPE_CHECKING:
    from ...cielr.editing.verify import Check, Witness
    from ...cielr.region import Region
    from .turns import Turn


class CheckAction(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return expanding(
            "CIELR_CheckAction",
            "Whether an action did what it should; where it did not, it is painted again.",
            [
                io.Image.Input("image", tooltip="A batch of one, before the action."),
                io.String.Input("turn", tooltip="The action, its scene and its regions as canonical JSON."),
                io.Int.Input("attempt", min=1, tooltip="Which attempt it is, from 1."),
                io.String.Input("checks", default="[]", optional=True, tooltip="Of the attempts before it, as JSON."),
                io.Int.Input("index", default=0, min=0, optional=True, tooltip="Which image of the batch it is."),
                INPAINTER.Input("inpainter", optional=True, tooltip="Not connected: the built-in fill."),
                PERCEPTION.Input("perception", optional=True, tooltip="Not connected: colours alone are checked."),
                LLM.Input("llm", optional=True, tooltip="Asked too, where it takes pictures."),
                io.String.Input("painter", default="", optional=True, tooltip="The inpainter's signature."),
            ],
            [
                io.Image.Output(display_name="image", tooltip="After the best attempt."),
                io.Mask.Output(display_name="changed", tooltip="Where that may have changed the image."),
                io.String.Output(display_name="told", tooltip="What it changed, and what was found out."),
                io.Image.Output(display_name="steps", tooltip="The image after each region of that attempt."),
            ],
        )

    @classmethod
    def execute(
        cls, image, turn, attempt, checks="[]", index=0, inpainter=None, perception=None, llm=None, painter="", **given
    ) -> io.NodeOutput:
        """Takes links named after_0000 and afternote_0000 and so on, the images after each region and what is told of
        them, and best_0000 and bestnote_0000 of the best attempt before."""
        from ...cielr.editing.attempts import best_of, tries_of, with_kept
        from ...cielr.editing.verify import Check, checked
        from ...cielr.telling.wording import attempts_words
        from .staged import eyes_of
        from .turns import Turn

        task = Turn.of_text(turn)
        after = in_order("after", given)
        pictures = to_arrays(image)[0], to_arrays(after[-1])[0]
        with witness(llm) as says:
            seen = checked(
                task.action, task.scene, *pictures, eyes_of(perception, index), says.witness, task.number, attempt
            )
        done = [*(Check(**{**check, "why": tuple(check["why"])}) for check in json.loads(checks)), seen]
        is_best = best_of(done) == len(done) - 1
        best = "after" if is_best else "best"
        if not seen.is_good and attempt < tries_of(task.action, task.attempts):
            return _next_attempt(task, attempt + 1, done, inpainter, own_inputs(cls), best)
        images, notes = in_order(best, given), in_order(f"{best}note", given)
        marked = with_kept(done)
        kept = next(check.attempt for check in marked if check.kept)
        lines = [*changes_told(task.tried(kept), image, images, notes), *says.remarks, *attempts_words(marked)]
        changed = torch.from_numpy(changed_mask(pictures[0], task.tried(kept))[None])
        return io.NodeOutput(
            images[-1], changed, "\n".join(lines), torch.cat(images) if len(images) > 1 else images[0], expand={}
        )


@dataclass(frozen=True)
class Asked:
    """Who says whether an action did what it should, besides code and eyes: None for nobody; and what is to be told."""

    witness: Witness | None = None
    remarks: tuple[str, ...] = ()


@contextmanager
def witness(llm: Any) -> Iterator[Asked]:
    """The witness of what came on the LLM socket; its model is released afterwards."""
    with conversation(llm) as chat:
        if chat is None:
            yield Asked()
            return
        from ...cielr.reasoning.witness import witness_of

        says = witness_of(chat, cancelled=_stopped)
        blind = f"{chat.name} takes no pictures, so it was not asked whether the edit is as it should be."
        yield Asked(says, () if says is not None else (blind,))


def _stopped() -> bool:
    watch()
    return False


def _next_attempt(
    task: Turn, attempt: int, checks: Sequence[Check], inpainter: Any, links: dict[str, Any], best: str
) -> io.NodeOutput:
    """The regions painted once more on the image before the action, and looked at."""
    from comfy_execution.graph_utils import GraphBuilder

    from .choice import chain_of
    from .expand import Checked, Eyes, expand_attempt

    chains = tuple(chain_of(region, inpainter) for region in task.tried(attempt))
    graph = expand_attempt(
        links["image"],
        Checked(chains, links["turn"]),
        attempt,
        json.dumps([asdict(check) for check in checks]),
        {
            f"best{name.removeprefix(best)}": link
            for name, link in links.items()
            if name.startswith((f"{best}_", f"{best}note_"))
        },
        links.get("inpainter"),
        Eyes(links.get("perception"), links.get("llm"), links.get("index", 0)),
        GraphBuilder.alloc_prefix(),
        links.get("painter", ""),
    )
    return io.NodeOutput(graph.result, graph.changed, graph.told, graph.steps, expand=graph.nodes)


def changes_told(
    regions: Sequence[Region], before: torch.Tensor, after: Sequence[torch.Tensor], notes: Sequence[str]
) -> list[str]:
    """What each region changed; the images after them and what is told besides, in their order."""
    from ...cielr.editing.crop import crop_region
    from ...cielr.editing.executor import measured

    lines, array = [], to_arrays(before)[0]
    for region, image, note in zip(regions, after, notes, strict=True):
        painted = to_arrays(image)[0]
        lines.append(change_line(measured(crop_region(array, region), painted, region), note=note))
        array = painted
    return lines

"""Arguments and options that several commands share, alone and in groups, with the models that they name."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from ..errors import EditError, NotUnderstood
from ..perception.labels import as_labels

if TYPE_CHECKING:
    from ..core.scene import Parser
    from ..editing.painters import Inpainter

MAX_INSTRUCTION = 2000
"""Characters; nobody writes more about one photo, and a whole file in its place is a mistake."""

Image = Annotated[
    Path,
    typer.Argument(
        readable=False,
        help="The photo: JPEG, PNG, TIFF, WebP, BMP, GIF, HEIC with pillow-heif. - is the standard input.",
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--labels", "-l", help="What to look for; several with commas, or repeat the option."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on the standard output, nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there under the output's name.")]
MaxPixels = Annotated[int, typer.Option("--max-pixels", min=4, help="Refuse larger photos.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected failure.")]
_looking, _reasoning, _painting = (
    functools.partial(typer.Option, rich_help_panel=panel) for panel in ("Looking", "Reasoning", "Painting")
)
Device = Annotated[
    str | None,
    _painting("--device", help="cuda, cuda:1, mps or cpu; the best there is by default."),
]


# ------------------------------------------------------------------------------------------------------------- groups


@dataclass(frozen=True)
class Looking:
    """Who looks."""

    perception: Annotated[
        Path | None,
        _looking(
            metavar="DIR",
            help="Who looks: a folder with a detector, a segmenter and a depth model, or some of them, in "
            "transformers' format, or a perception.json. Without it, things are told apart by colour and texture.",
        ),
    ] = None
    detector: Annotated[
        str | None,
        _looking(metavar="NAME", help="Who finds things by their name: a folder, or a name from `cielr weights list`."),
    ] = None
    segmenter: Annotated[
        str | None,
        _looking(metavar="NAME", help="Who draws outlines: the same, or a sam_vit_*.pth."),
    ] = None
    depth: Annotated[
        str | None,
        _looking(metavar="NAME", help="Who says what is near: the same."),
    ] = None

    @property
    def is_named(self) -> bool:
        return bool(self.perception or self.detector or self.segmenter or self.depth)

    def parser(self, device: str | None, offload: bool | None = None) -> Parser | None:
        """The models that look; None for the built-in one.

        Args:
            offload: takes the weights off the device after each use; None is what the folder says.

        Raises:
            ModelError: where the folder describes no parser, or a model is not whole; WeightsError: where it is not
                here; MissingDependency: where a package is missing.
        """
        if not self.is_named:
            return None
        from ..perception.models.folder import parser_from

        return parser_from(self.perception, self.detector, self.segmenter, self.depth, device, offload=offload)


@dataclass(frozen=True)
class Reasoning:
    """Who reasons, and how."""

    llm: Annotated[
        str,
        _reasoning(
            metavar="NAME",
            help="Who reasons: builtin (a grammar, no model), local/NAME (a GGUF file, see `cielr llm list`), "
            "ollama/MODEL, openai/MODEL@URL, replay/FILE, or auto (the model named by $CIELR_LLM, where there is one).",
        ),
    ] = "builtin"
    auto: Annotated[
        bool,
        _reasoning(
            "--auto/--always-model",
            help="The grammar first, and the language model for what it does not understand; or always the model.",
        ),
    ] = True
    assume: Annotated[
        bool,
        _reasoning("--assume", help="The language model decides where it would ask you."),
    ] = False
    answer: Annotated[
        str | None,
        _reasoning(help="Your answer to what the language model asked."),
    ] = None
    max_rounds: Annotated[
        int,
        _reasoning(min=1, max=50, help="How many answers the language model may give."),
    ] = 4
    prompt: Annotated[
        str,
        _reasoning(
            metavar="WAY",
            help="How the language model is asked: full (everything at once), brief (small questions), or auto (brief "
            "for models below 8 billion parameters).",
        ),
    ] = "auto"
    first_token: Annotated[
        float | None,
        _reasoning(
            metavar="SECONDS",
            min=1,
            help="How long the language model may load before it says anything (300); a long prompt gets more.",
        ),
    ] = None
    record: Annotated[
        Path | None,
        _reasoning(metavar="FILE", help="Record what the language model says, for replay/FILE."),
    ] = None
    vision: Annotated[
        bool,
        _reasoning(
            "--vision",
            help="The model named by openai/ takes pictures: it sees the photo, and describes what it asks about. "
            "Ollama says so by itself.",
        ),
    ] = False

    def arguments(self) -> dict[str, Any]:
        """Those of `edit` and `reason`: the language model, as `named_chat` makes and refuses it, and its rules."""
        from .models import named_chat

        options: dict[str, Any] = {"vision": True} if self.vision else {}
        if self.first_token is not None:
            from ..reasoning.chats.protocol import AnswerLimits

            options["limits"] = AnswerLimits(first=self.first_token)
        chat = named_chat(self.llm, self.record, **options)
        if chat is None:
            return {"chat": None}
        return {
            "chat": chat,
            "max_rounds": self.max_rounds,
            "assume": self.assume,
            "auto": self.auto,
            "prompt": self.prompt,
            "answer": self.answer,
        }


@dataclass(frozen=True)
class Painting:
    """Who paints, and how."""

    inpainter: Annotated[
        Path | None,
        _painting(
            metavar="PATH",
            help="Who paints: a folder that diffusers saved, or a .safetensors checkpoint with --inpainter-config. "
            "Without it, what has to be drawn anew is refused.",
        ),
    ] = None
    inpainter_config: Annotated[
        Path | None,
        _painting(metavar="DIR", help="A diffusers folder with the configuration of a single file."),
    ] = None
    fill: Annotated[
        str,
        _painting(
            metavar="NAME",
            help="How holes are filled: auto (by what is around), smooth, exemplar, or the file of a LaMa or MAT "
            "model.",
        ),
    ] = "auto"
    attempts: Annotated[
        int,
        _painting(
            min=1,
            max=20,
            help="Paint an action up to this many times, until a check finds that it did what it should; 1: no check.",
        ),
    ] = 1
    steps: Annotated[
        int | None,
        _painting(min=1, max=500, help="Sampling steps of the inpainter."),
    ] = None
    guidance: Annotated[
        float | None,
        _painting(min=0.0, help="How strictly the inpainter follows the prompt."),
    ] = None
    scheduler: Annotated[
        str | None,
        _painting(help="Sampler of the inpainter, such as euler or dpm++ 2m."),
    ] = None
    size: Annotated[
        int | None,
        _painting(min=8, max=8192, help="Side in pixels at which the inpainter works; by default the model's own."),
    ] = None
    offload: Annotated[
        str,
        _painting(help="Keep weights off the device: none, model (parts) or sequential (layers)."),
    ] = "none"
    device: Device = None
    dtype: Annotated[
        str | None,
        _painting(help="float32, float16 or bfloat16; by default what suits the model."),
    ] = None
    colour_match: Annotated[
        bool,
        _painting(
            "--colour-match/--no-colour-match",
            help="Undo the shift in colour that the inpainter gives to what it should have left alone.",
        ),
    ] = True

    def arguments(self) -> dict[str, Any]:
        """Those of `edit`: the models that paint and fill.

        Raises:
            EditError: where a path holds no model that paints or fills, or a setting is no good; MissingDependency:
                where a package is missing.
        """
        from .models import named_fill

        return {
            "inpainter": self._painter(self.inpainter) if self.inpainter is not None else None,
            "fill": named_fill(self.fill, self.device),
            "colour_match": self.colour_match,
            "attempts": self.attempts,
        }

    def _painter(self, path: Path) -> Inpainter:
        from ..editing.diffusion.diffusers_inpainter import OFFLOADS, DiffusersInpainter

        if self.offload not in OFFLOADS:
            named = f"{', '.join(OFFLOADS[:-1])} or {OFFLOADS[-1]}"
            raise EditError(f"'{self.offload}' is not a way to offload; use {named}.")
        return DiffusersInpainter(
            path,
            config=self.inpainter_config,
            steps=self.steps,
            guidance=self.guidance,
            scheduler=self.scheduler,
            size=self.size,
            offload=self.offload,
            device=self.device,
            dtype=self.dtype,
        )


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command as the command line is to know it: each argument that is a group stands for the group's options.

    Its arguments are keywords only, so that a group may stand among options that have a default.
    """
    taken = inspect.signature(command, eval_str=True).parameters.values()
    kinds: dict[str, Any] = {parameter.name: parameter.annotation for parameter in taken}
    groups: dict[str, Any] = {name: kind for name, kind in kinds.items() if is_dataclass(kind)}

    @functools.wraps(command)
    def spread_out(**given: Any) -> None:
        made = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**given, **made)

    shown: list[inspect.Parameter] = []
    for parameter in taken:
        if parameter.name not in groups:
            shown.append(parameter)
            continue
        options = get_type_hints(parameter.annotation, include_extras=True)
        shown += [
            inspect.Parameter(field.name, parameter.kind, default=field.default, annotation=options[field.name])
            for field in fields(parameter.annotation)
        ]
    spread_out.__signature__ = inspect.Signature(shown)  # pyright: ignore[reportAttributeAccessIssue]
    spread_out.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    return spread_out


# ------------------------------------------------------------------------------------------------------------- checks


def check_instruction(text: str) -> None:
    """Raises NotUnderstood where there is no instruction, or a whole file in its place."""
    if not is_text(text):
        raise NotUnderstood("The instruction is not text in UTF-8, so that it cannot be read.")
    if not text.strip():
        raise NotUnderstood('The instruction is empty; say what is to change, such as "remove the largest coin".')
    if len(text) > MAX_INSTRUCTION:
        raise NotUnderstood(f"The instruction has {len(text):,} characters, over the limit of {MAX_INSTRUCTION:,}.")


def is_text(value: str) -> bool:
    """Whether an argument came as text; other bytes are passed on by Python as lone surrogates."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def label_names(given: Sequence[str] | None) -> list[str] | None:
    """The names that --labels gives, each once; None where it is not given."""
    if not given:
        return None
    if not all(map(is_text, given)):
        raise typer.BadParameter("--labels is not text in UTF-8.")
    names = as_labels(given)
    if names is None:
        raise typer.BadParameter("--labels names nothing; write for example --labels coin,cup.")
    return list(dict.fromkeys(names))

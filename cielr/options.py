"""Arguments and options that several commands share, with the models that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Image = Annotated[
    Path, typer.Argument(readable=False, help="The photo: JPEG, PNG, TIFF, WebP, BMP, GIF, HEIC with pillow-heif.")
]
Instruction = Annotated[str, typer.Argument(help='What to change, such as "remove the second coin from the left".')]
Labels = Annotated[
    list[str] | None,
    typer.Option("--labels", "-l", help="What to look for; several with commas, or the option again."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on the standard output, nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there under the output's name.")]
MaxPixels = Annotated[int, typer.Option("--max-pixels", min=4, help="Refuse larger photos.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected failure.")]


Llm = Annotated[
    str,
    typer.Option(
        "--llm",
        metavar="NAME",
        help="Who reasons: builtin (a grammar, no model), ollama/MODEL, openai/MODEL@URL, replay/FILE, or auto (the "
        "grammar first, then the model named by $CIELR_LLM).",
        rich_help_panel="Reasoning",
    ),
]
Rounds = Annotated[
    int,
    typer.Option(
        "--max-rounds", min=1, max=50, help="Answers of the language model at most.", rich_help_panel="Reasoning"
    ),
]
Assume = Annotated[
    bool,
    typer.Option("--assume", help="The language model decides where it would ask you.", rich_help_panel="Reasoning"),
]
Answer = Annotated[
    str | None,
    typer.Option("--answer", help="Your answer to what the language model asked.", rich_help_panel="Reasoning"),
]
Record = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FILE",
        help="Record what the language model says, for replay/FILE.",
        rich_help_panel="Reasoning",
    ),
]

Vision = Annotated[
    bool,
    typer.Option(
        "--vision",
        help="The model named by openai/ takes pictures: it sees the photo, and describes what it asks about. Ollama "
        "says so by itself.",
        rich_help_panel="Reasoning",
    ),
]

Perception = Annotated[
    Path | None,
    typer.Option(
        "--perception",
        metavar="DIR",
        help="Who looks: a folder with a detector, a segmenter and a depth model, or some of them, in transformers' "
        "format, or a perception.json. Without it, things are told apart by colour and texture.",
        rich_help_panel="Looking",
    ),
]
Detector = Annotated[
    str | None,
    typer.Option(
        "--detector",
        metavar="NAME",
        help="Who finds things by their name: a folder, or a name from `cielr weights list`.",
        rich_help_panel="Looking",
    ),
]
Segmenter = Annotated[
    str | None,
    typer.Option(
        "--segmenter",
        metavar="NAME",
        help="Who draws outlines: the same, or a sam_vit_*.pth.",
        rich_help_panel="Looking",
    ),
]
Depth = Annotated[
    str | None,
    typer.Option("--depth", metavar="NAME", help="Who says what is near: the same.", rich_help_panel="Looking"),
]

Painter = Annotated[
    Path | None,
    typer.Option(
        "--inpainter",
        metavar="PATH",
        help="Who paints: a folder that diffusers saved, or a .safetensors checkpoint with --inpainter-config. "
        "Without it, what has to be drawn anew is refused.",
        rich_help_panel="Painting",
    ),
]
PainterConfig = Annotated[
    Path | None,
    typer.Option(
        "--inpainter-config",
        metavar="DIR",
        help="A diffusers folder with the configuration of a single file.",
        rich_help_panel="Painting",
    ),
]
Fill = Annotated[
    str,
    typer.Option(
        "--fill",
        metavar="NAME",
        help="How holes are filled: auto (by what is around), smooth, exemplar, or the file of a LaMa or MAT model.",
        rich_help_panel="Painting",
    ),
]
Steps = Annotated[
    int | None,
    typer.Option("--steps", min=1, max=500, help="Sampling steps of the inpainter.", rich_help_panel="Painting"),
]
Guidance = Annotated[
    float | None,
    typer.Option(
        "--guidance", min=0.0, help="How strictly the inpainter follows the prompt.", rich_help_panel="Painting"
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler", help="Sampler of the inpainter, such as euler or dpm++ 2m.", rich_help_panel="Painting"
    ),
]
Offload = Annotated[
    str,
    typer.Option(
        "--offload",
        help="Keep weights off the device: none, model (parts) or sequential (layers).",
        rich_help_panel="Painting",
    ),
]
Device = Annotated[
    str | None,
    typer.Option("--device", help="cuda, cuda:1, mps or cpu; the best there is.", rich_help_panel="Painting"),
]
Dtype = Annotated[
    str | None,
    typer.Option("--dtype", help="float32, float16 or bfloat16; what suits the model.", rich_help_panel="Painting"),
]
Size = Annotated[
    int | None,
    typer.Option(
        "--size",
        min=8,
        max=8192,
        help="Side in pixels at which the inpainter works; what the model was made for.",
        rich_help_panel="Painting",
    ),
]
ColourMatch = Annotated[
    bool,
    typer.Option(
        "--colour-match/--no-colour-match",
        help="Undo the shift in colour that the inpainter gives to what it should have left alone.",
        rich_help_panel="Painting",
    ),
]

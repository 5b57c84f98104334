"""Options for what is known of a photo already: masks and boxes from elsewhere, a scene, a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import check_instruction
from .outputs import text_goal, write_text
from .streams import is_stream

if TYPE_CHECKING:
    from ..actions import Plan
    from ..core.scene import Parser, Scene
    from ..photos.photo import Photo

_option = partial(typer.Option, rich_help_panel="Given")


@dataclass(frozen=True)
class GivenThings:
    """Where somebody else found things."""

    masks: Annotated[
        Path | None,
        _option(
            metavar="PATH",
            help="What is in the photo, in place of looking: a folder of masks named by label (cup.png, plate_2.png), "
            "a label map, or a .json of COCO, LabelMe or SAM.",
        ),
    ] = None
    boxes: Annotated[
        Path | None,
        _option(
            metavar="FILE",
            help="The same as boxes: YOLO's .txt or COCO's .json. They are outlined by --segmenter, or by colour.",
        ),
    ] = None
    names: Annotated[
        Path | None,
        _option(
            metavar="FILE",
            help='What the values of a label map or the classes of YOLO are called: {"1": "cup"}, or one name a line '
            "from 0 on. Looked for beside the file where not given.",
        ),
    ] = None

    def __bool__(self) -> bool:
        return self.masks is not None or self.boxes is not None

    def check(self) -> None:
        """Raises BadParameter where names stand alone."""
        if self.names is not None and not self:
            raise typer.BadParameter("--names goes with --masks or --boxes.")

    def scene(self, photo: Photo, image: Path, labels: Sequence[str] | None, parser: Parser | None) -> Scene:
        """The scene that they make of a photo.

        Args:
            image: the photo's path, by whose name annotations of many photos are searched.
            parser: whose segmenter outlines boxes, and whose depth model says how far things are; None has neither.

        Raises:
            SceneError, ImageError: where they cannot be used.
        """
        from ..perception.given.scene import GivenFiles, scene_of_things
        from ..perception.given.things import Frame

        frame = Frame(photo.width, photo.height, "" if is_stream(image) else image.name)
        things = GivenFiles(self.masks, self.boxes, self.names).things(frame)
        segmenter = parser.segmenter if getattr(parser, "has_segmenter", False) else None  # pyright: ignore
        return scene_of_things(photo.pixels, things, labels, segmenter, getattr(parser, "depth", None))


@dataclass(frozen=True)
class Kept:
    """Where what was found out on the way is kept."""

    save_scene: Annotated[
        Path | None,
        _option(metavar="FILE", help="Write the scene, too, for --scene."),
    ] = None
    save_plan: Annotated[
        Path | None,
        _option(metavar="FILE", help="Write the plan, too, for --plan."),
    ] = None

    def goals(self, overwrite: bool) -> dict[str, Path | None]:
        """The files by their options, checked before the work."""
        return {
            "--save-scene": text_goal(self.save_scene, "scene.json", overwrite),
            "--save-plan": text_goal(self.save_plan, "plan.json", overwrite),
        }

    def write(self, goals: dict[str, Path | None], scene: Scene, plan: Plan) -> list[Path]:
        """Writes what is wanted; the files."""
        written: list[Path] = []
        for option, text in (("--save-scene", scene.to_json), ("--save-plan", plan.to_json)):
            goal = goals[option]
            if goal is not None:
                write_text(goal, text())
                written.append(goal)
        return written


SceneFile = Annotated[
    Path | None,
    _option(
        "--scene",
        metavar="FILE",
        help="What is in the photo, as `cielr scene -o` wrote it, corrected or not; the photo is not searched then.",
    ),
]
PlanFile = Annotated[
    Path | None,
    _option("--plan", metavar="FILE", help="What to do, as `cielr plan -o` wrote it, in place of an instruction."),
]


def check_wish(instruction: str | None, plan: Path | None) -> None:
    """Raises BadParameter where there is not one of both, NotUnderstood for an instruction that is none."""
    if (instruction is None) == (plan is None):
        raise typer.BadParameter("Say what to do with an instruction or with --plan, and not with both.")
    if instruction is not None:
        check_instruction(instruction)


def check_given(
    instruction: str | None, plan: Path | None, scene: Path | None, things: GivenThings, labels: Sequence[str] | None
) -> None:
    """As `check_wish`, and BadParameter where options contradict each other."""
    things.check()
    check_wish(instruction, plan)
    if scene is not None and things:
        raise typer.BadParameter("--scene says what is in the photo, and so do --masks and --boxes; leave one out.")
    if scene is not None and labels:
        raise typer.BadParameter("--labels says what to look for, and with --scene nobody looks; leave it out.")

"""What every benchmark is read into: cases, and the faults that were found on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image
from pydantic import ValidationError

from ...core.arrays import as_dtype
from ...core.geometry import Mask
from ...core.scene import Scene, SceneObject
from ...core.serial import Frozen, json_sentence, sentences
from ...errors import CielrError, SceneError
from ...perception.given.things import filled
from ...photos.photo import read_photo
from ..reason_cases import Step

MOST_FAULTS = 50
"""Sentences in one message; past them a count stands for the rest."""


class Shape(Frozen):
    """One annotated thing of a case whose scene is no file.

    Attributes:
        id, label: as in a scene.
        polygons: each x0, y0, x1, y1, … in pixels; counts: instead of them, COCO's uncompressed run lengths.
        panoptic: instead of both, a picture and the segment's number in it (R + 256 G + 65536 B).
    """

    id: str
    label: str
    polygons: tuple[tuple[float, ...], ...] = ()
    counts: tuple[int, ...] = ()
    panoptic: tuple[str, int] | None = None


class Case(Frozen):
    """One picture and what is to be done to it. Paths are relative to the dataset's folder, with "/" between.

    Attributes:
        id: unique within the dataset; group: of the report's rows.
        image: the picture; "" where the benchmark's repository brings none. more: further source pictures.
        instruction: in words; turns that build on one another are cases of their own.
        after: id of the case whose result is this one's picture, in a run that edits turn by turn.
        mask: a picture, white inside what is to be edited; mask_after: the same of the edited thing where it should be
            afterwards; truth: the picture as it should be.
        text: what the region is to show; caption: what the whole is to show.
        reference: what is right, in words; reference_image: the same as a picture.
        scene: file of the true scene; shapes: the same by annotations; targets: ids in it of what is meant, or none
            where that is not known.
        do: what a right plan does, as `reason_cases.misfit` reads it; asks: a question is the right answer.
        kinds: of the edits, in the benchmark's own words.
    """

    id: str
    group: str
    image: str = ""
    more: tuple[str, ...] = ()
    instruction: str
    after: str | None = None
    mask: str | None = None
    mask_after: str | None = None
    truth: str | None = None
    text: str = ""
    caption: str = ""
    reference: str = ""
    reference_image: str | None = None
    scene: str | None = None
    shapes: tuple[Shape, ...] = ()
    targets: tuple[str, ...] = ()
    do: tuple[Step, ...] = ()
    asks: bool = False
    kinds: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """All that must be there."""
        drawn = (shape.panoptic[0] for shape in self.shapes if shape.panoptic)
        named = (self.image, *self.more, self.mask, self.mask_after, self.truth, self.reference_image, self.scene)
        return (*(name for name in named if name), *dict.fromkeys(drawn))


class DatasetError(CielrError):
    """A dataset that cannot be used as it lies there; `faults` are sentences, one a fault."""

    def __init__(self, name: str, root: Path, faults: Sequence[str]):
        self.faults = tuple(faults)
        shown = "\n".join(f"- {fault}" for fault in faults[:MOST_FAULTS])
        rest = f"\n- and {len(faults) - MOST_FAULTS} more." if len(faults) > MOST_FAULTS else ""
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"{name} in {root} has {count}; mend them, or name another folder:\n{shown}{rest}")


@dataclass(frozen=True)
class Dataset:
    """A benchmark on this machine.

    Attributes:
        name: as in `datasets.READERS`; root: its folder; protocol: "reason-edit", "magicbrush" or "" for the columns
            that need none.
        remarks: sentences on what was read that people should know.
    """

    name: str
    root: Path
    cases: tuple[Case, ...]
    protocol: str = ""
    remarks: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Case:
        """The case of that id; KeyError where there is none."""
        for case in self.cases:
            if case.id == name:
                return case
        raise KeyError(name)

    @property
    def groups(self) -> tuple[str, ...]:
        """In the order in which they come."""
        return tuple(dict.fromkeys(case.group for case in self.cases))

    def picture(self, name: str) -> np.ndarray:
        """uint8[H, W, 3] of a file.

        Raises:
            ImageError: where it cannot be read.
        """
        return as_dtype(read_photo(self.root / name).pixels, np.dtype(np.uint8))

    def mask_values(self, case: Case) -> np.ndarray | None:
        """uint8[H, W] of what is to be edited: the mask's file, or the true scene's targets; None where unknown."""
        if case.mask:
            return grey(self.root / case.mask)
        scene = self.scene(case)
        if scene is None or not case.targets:
            return None
        whole = Mask.union([scene[name].mask for name in case.targets], scene.height, scene.width)
        return whole.to_array().astype(np.uint8) * 255

    def scene(self, case: Case) -> Scene | None:
        """The true scene, or None.

        Raises:
            SceneError: where its file does not read, or its annotations are none of its picture.
        """
        if case.scene:
            return Scene.load(self.root / case.scene)
        if not case.shapes or not case.image:
            return None
        height, width = self.picture(case.image).shape[:2]
        try:
            return _annotated(self, case, width, height)
        except ValueError as error:
            why = sentences(error) if isinstance(error, ValidationError) else str(error).rstrip(".")
            raise SceneError(f"The annotations of case {case.id} make no scene of {case.image}: {why}.") from error


def _annotated(dataset: Dataset, case: Case, width: int, height: int) -> Scene:
    """The scene that a case's annotations describe."""
    segments: dict[str, np.ndarray] = {}
    objects = []
    for shape in case.shapes:
        if shape.panoptic is not None:
            name, number = shape.panoptic
            if name not in segments:
                segments[name] = dataset.picture(name).astype(np.int64) @ np.array([1, 256, 65536])
            mask = Mask.from_array(segments[name] == number)
        elif shape.counts:
            mask = Mask.from_coco({"size": [height, width], "counts": list(shape.counts)})
        else:
            mask = filled(shape.polygons, width, height)
        if not mask.is_empty:
            objects.append(SceneObject(id=shape.id, label=shape.label, box=mask.box, mask=mask, source="annotated"))
    return Scene(width=width, height=height, objects=tuple(objects))


def grey(path: Path) -> np.ndarray:
    """uint8[H, W]: a mask's picture, its brightness; where parts of it are transparent, those are what is masked.

    Raises:
        ImageError: where it cannot be read.
    """
    photo = read_photo(path)
    pixels, alpha = as_dtype(photo.pixels, np.dtype(np.uint8)), photo.alpha
    if alpha is not None and (alpha != alpha.max()).any():
        return np.where(alpha < alpha.max() / 2, 255, 0).astype(np.uint8)
    if (pixels == pixels[..., :1]).all():
        return pixels[..., 0]
    # the weights of ITU-R 601, as Pillow's "L" has them
    return np.rint(pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)


@dataclass
class Checked:
    """Collects cases and faults while a folder is read; `dataset` gives the one or raises the other."""

    name: str
    root: Path
    cases: list[Case] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def fault(self, sentence: str) -> None:
        if sentence not in self.faults:
            self.faults.append(sentence)

    def text(self, name: str) -> str | None:
        """A file's text, or a fault."""
        try:
            return (self.root / name).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self.fault(f"{name} is missing.")
        except UnicodeDecodeError as error:
            self.fault(f"{name} is not UTF-8: byte {error.start} is {error.object[error.start]:#04x}.")
        except OSError as error:
            self.fault(f"{name} cannot be read: {error.strerror or error}.")
        return None

    def json(self, name: str, kind: type) -> object | None:
        """What a JSON file holds, of that type, or a fault."""
        text = self.text(name)
        if text is None:
            return None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            self.fault(f"{name} is not JSON: {json_sentence(text, error)}.")
            return None
        if not isinstance(value, kind):
            words = {list: "a list", dict: "names and values in braces"}[kind]
            self.fault(f"{name} does not hold {words}.")
            return None
        return value

    def has_texts(self, item: object, names: Sequence[str], place: str) -> bool:
        """Whether an entry of a file has texts of these names; which it lacks is a fault of that place."""
        absent = [name for name in names if not (isinstance(item, dict) and isinstance(item.get(name), str))]
        if absent:
            self.fault(f"{place}: {', '.join(absent)} is missing.")
        return not absent

    def located(self, name: str, folders: Iterable[str], otherwise: str) -> str:
        """The path of a file in the first of these folders that holds it; in another one where none does."""
        places = (PurePosixPath(folder, name).as_posix() for folder in (*folders, otherwise))
        return next((place for place in places if (self.root / place).is_file()), f"{otherwise}/{name}".lstrip("/"))

    def add(self, **values: object) -> None:
        """A case; what is wrong with it is a fault."""
        try:
            case = Case.model_validate(values)
        except ValidationError as error:
            self.fault(f"Case {values.get('id')}: {sentences(error)}.")
            return
        if not case.instruction.strip():
            self.fault(f"Case {case.id} has no instruction.")
        self.cases.append(case)

    def dataset(self, protocol: str = "", pictures: bool = True) -> Dataset:
        """The dataset, with every file that it names there, readable, and of sizes that fit.

        Args:
            pictures: whether the benchmark's own folder brings them; else cases without them are kept and remarked on.

        Raises:
            DatasetError: naming every fault.
        """
        seen: set[str] = set()
        for case in self.cases:
            if case.id in seen:
                self.fault(f"Two cases have the id {case.id}.")
            seen.add(case.id)
        cases = self.cases if pictures else self._without_absent_pictures()
        for case in cases:
            self._check_files(case)
        if not cases and not self.faults:
            self.fault("There are no cases.")
        if self.faults:
            raise DatasetError(self.name, self.root, self.faults)
        return Dataset(self.name, self.root, tuple(cases), protocol, tuple(self.remarks))

    def _without_absent_pictures(self) -> list[Case]:
        """The cases; where the pictures are not there they are left out of them."""
        kept = []
        absent = 0
        for case in self.cases:
            if all((self.root / name).is_file() for name in (case.image, *case.more) if name):
                kept.append(case)
            else:
                absent += 1
                kept.append(case.model_copy(update={"image": "", "more": ()}))
        if absent:
            self.remarks.append(
                f"{absent} of {len(kept)} cases have no picture here: {self.name} names them and does not bring them. "
                "Put them into the folder; until then those cases are recorded as without a picture."
            )
        return kept

    def _check_files(self, case: Case) -> None:
        sizes: dict[str, tuple[int, int]] = {}
        for name in case.files:
            path = self.root / name
            if ".." in Path(name).parts or Path(name).is_absolute():
                self.fault(f"Case {case.id} names {name}, which lies outside the folder.")
            elif not path.is_file():
                self.fault(f"Case {case.id}: {name} is missing.")
            elif name != case.scene:
                size = picture_size(path)
                if size is None:
                    self.fault(f"Case {case.id}: {name} is not a picture that can be read.")
                else:
                    sizes[name] = size
        for role, name in (("mask", case.mask), ("mask after", case.mask_after), ("truth", case.truth)):
            if name in sizes and case.image in sizes and sizes[name] != sizes[case.image] and case.after is None:
                wide, tall = sizes[name]
                width, height = sizes[case.image]
                self.fault(
                    f"Case {case.id}: the {role} {name} is {wide} x {tall} pixels, {case.image} {width} x {height}."
                )


def picture_size(path: Path) -> tuple[int, int] | None:
    """(width, height) as the file's head says, upright; None where it is no picture."""
    try:
        with Image.open(path, formats=["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"]) as image:
            width, height = image.size
            turned = image.getexif().get(274, 1) >= 5
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (height, width) if turned else (width, height)

"""What every action has and answers. A new kind is one file beside this one, and its line in `kinds.py`."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import Field, StringConstraints

from ..core.scene import Scene
from ..core.serial import Frozen, canonical
from ..core.text import listed, plain
from .change import ExactChange
from .draft import Draft
from .expectation import Expectation
from .place import Place

Needs = Literal["code", "fill", "draw"]
"""What carries an action out: code alone, a hole filled from its surroundings, or a painter that draws."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Words that must say something."""
SHARED = ("kind", "makes", "prompt", "negative_prompt", "keep", "reason")
"""Fields that are no part of what one kind of action is about."""
EMPTY = "empty ground, the same surroundings go on"
"""What is asked for where a thing was."""


def form_field(title: str, zh: str, help: str, example: str = "", **rules: Any) -> Any:
    """A field of an action, with what forms and help pages say of it: its title, in Chinese too, and a sentence."""
    return Field(
        title=title,
        description=help,
        examples=[example] if example else None,
        json_schema_extra={"zh": zh},
        **rules,
    )


class ActionBase(Frozen):
    """What every action has.

    Attributes:
        prompt: what the region is to look like afterwards, for the painter; "" lets the action write it.
        negative_prompt: what must not appear there.
        keep: ids that must not change.
        reason: why, for people; it changes neither the region nor the seed.

    Class attributes, one set a kind, from which prompts, forms, help pages and docs are made:
        words: language -> the action as a sentence, with its fields in braces; English must be there. "en.flip" is for
            where the field `flip` alone is not at its default, "en.degrees+flip" for where both are not.
        guide: what a language model is told of it.
        tint: its colour in lists and pictures, "#rrggbb".
        support_words, softness_words, told_words: what docs/recipes.md says of its region.
        strength: denoise strength of what is drawn.
    """

    words: ClassVar[Mapping[str, str]]
    guide: ClassVar[str]
    tint: ClassVar[str]
    support_words: ClassVar[str]
    softness_words: ClassVar[str]
    told_words: ClassVar[str]
    strength: ClassVar[float] = 1.0
    follows_outline: ClassVar[bool] = False
    """Whether it takes away or carries the targets' own pixels, so that a box in place of an outline would ruin it."""
    about: ClassVar[Mapping[str, str]] = {}
    """Language -> what an action without targets is about: "the background"."""

    kind: str
    prompt: str = form_field("prompt", "提示词", "What the region is to look like; empty: written for you.", default="")
    negative_prompt: str = form_field("not in it", "不要出现", "What must not appear there.", default="")
    keep: tuple[str, ...] = form_field("keep", "保持不变", "Ids that this action must not change.", default=())
    reason: str = ""

    # ------------------------------------------------------------------------------------------- what it is about

    @property
    def objects(self) -> tuple[str, ...]:
        """Ids of what the action changes; empty where it is about a place, the background or all."""
        return getattr(self, "targets", ())

    @property
    def place(self) -> Place | None:
        """Where it puts something, if it does."""
        return next((value for value in self.own_values().values() if isinstance(value, Place)), None)

    @property
    def anchors(self) -> tuple[str, ...]:
        """Ids of what the action only refers to."""
        return self.place.anchors if self.place is not None else ()

    def takes_away(self, scene: Scene) -> tuple[str, ...]:
        """Ids that are gone after it; those that the scene does not hold may be among them."""
        return ()

    def makes_labels(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Labels of what is new after it, in order; `labels` are those of what is there, by id."""
        return ()

    # --------------------------------------------------------------------------------------------- what it does

    @property
    def exact(self) -> ExactChange | None:
        """The change that code carries out, or None where something has to be filled or drawn."""
        return None

    @property
    def needs(self) -> Needs:
        """What carries it out."""
        return "code" if self.exact is not None else "draw"

    @property
    def wish(self) -> str:
        """What has to be drawn, for the sentence that says that nobody can."""
        return self.sentence()

    def objections(self, scene: Scene) -> list[str]:
        """Why it had better not be done on this scene, as clauses; none where nothing speaks against it."""
        known = [scene.get(name) for name in self.objects] if self.follows_outline else []
        return [
            f"follows the outline of '{thing.id}', of which only a box is known; "
            "let a segmenter look at it, or bring a mask"
            for thing in known
            if thing is not None and thing.box_only
        ]

    def drafts(self, scene: Scene) -> list[Draft]:
        """Where it changes the picture, in the order in which it is carried out.

        Raises:
            NowhereToGo: where it cannot be done in this picture.
        """
        raise NotImplementedError

    def after(self, scene: Scene) -> Scene:
        """The scene as the action leaves it, as far as geometry can tell.

        Raises:
            SceneError: where the action names what the scene does not hold.
        """
        gone = self.takes_away(scene)
        return scene.without(gone) if gone else scene

    def expects(self, scene: Scene) -> list[Expectation]:
        """What can be seen afterwards if it did what it should; the scene is as before it."""
        return []

    def undoes(self, earlier: ActionBase) -> bool:
        """Whether, on an object of both, it makes an earlier action of the same plan pointless."""
        return False

    # ------------------------------------------------------------------------------------------------- in words

    def sentence(self) -> str:
        """The action for people, without its full stop: "Remove coin_2"."""
        change = self.exact
        if change is not None:
            about = listed(self.objects) if self.objects else self.about["en"]
            return change.words["en"].format(about=about, amount=plain(change.amount))
        values = self.own_values()
        # where fields differ from their defaults there may be words of their own for it
        fields = {json_name(type(self), name): info for name, info in type(self).model_fields.items()}
        differing = [
            name for name, value in values.items() if not fields[name].is_required() and value != fields[name].default
        ]
        variant = f"en.{'+'.join(differing)}"
        variant = variant if variant in self.words else "en"
        return self.words[variant].format(**{name: self.own_words(name) for name in values})

    def own_words(self, name: str) -> str:
        """One of its fields for people."""
        value = self.own_values()[name]
        if value is None:
            return ""
        if isinstance(value, Place):
            return value.words()
        if isinstance(value, tuple):
            return listed(value)
        if name == "scale":
            return f"{value * 100:g} %"
        if choices_of(type(self), name):
            return value.replace("_", " ")
        return plain(f"{value:g}" if isinstance(value, float) else str(value))

    def own_values(self) -> dict[str, Any]:
        """The fields that make this kind of action, by their names in JSON."""
        return {json_name(type(self), name): getattr(self, name) for name in own_fields(type(self))}

    def content(self) -> str:
        """Canonical JSON of what it does, without reasons and names: equal contents get equal seeds and cache keys."""
        return canonical(self.model_dump(mode="json", by_alias=True, exclude={"reason", "makes"}))


class TargetedAction(ActionBase):
    """An action on objects of the scene."""

    targets: tuple[str, ...] = form_field(
        "objects", "物体", "Ids as the overlay of Scene Parse shows them.", "coin_2, coin_3", min_length=1
    )


def own_fields(kind: type[ActionBase]) -> list[str]:
    """The fields of a kind that are not shared by all, targets first, in the order of its class."""
    names = [name for name in kind.model_fields if name not in SHARED]
    return sorted(names, key=lambda name: name != "targets")


def json_name(kind: type[ActionBase], name: str) -> str:
    """The name of a field in JSON: "with" for `with_`."""
    return kind.model_fields[name].alias or name


def choices_of(kind: type[ActionBase], name: str) -> tuple[str, ...]:
    """The words that a field takes, where it takes only some; `name` as in JSON."""
    field = next(info for own, info in kind.model_fields.items() if name in (own, info.alias))
    annotation = without_none(field.annotation)
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def without_none(annotation: Any) -> Any:
    """What a field is where it is not None."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def the_labels_of(scene: Scene, names: Sequence[str]) -> str:
    """The same in a sentence: "the cup and the spoon"."""
    return listed([f"the {label}" for label in dict.fromkeys(scene[name].label for name in names)])


def labels_of(scene: Scene, names: Sequence[str]) -> str:
    """The labels of some objects, each once: "cup, spoon"."""
    return ", ".join(dict.fromkeys(scene[name].label for name in names))

"""What a text makes of a thing: another look, another thing in its place, another setting."""

from __future__ import annotations

from dataclasses import replace

from ....core.inflection import is_plural
from ..nouns.before import COLOUR_THINGS
from ..nouns.phrases import Phrase, Selection
from ..words import amounts
from ..words.clauses import begins_wish
from ..words.doings import NOUNS_IN_ED
from ..words.tokens import colour_size, refusal, spelled
from ..words.vocabulary import ARTICLES, GREYSCALE, POSSESSIVES, PRONOUNS, RELATIONS, VERBS, verb_of, word_set
from .attributes import FONTS, PLACES, attribute_of, attributes_of
from .exact_changes import ExactChanges
from .texts import (
    MANNERS,
    SCENERY,
    STYLE_WORDS,
    TIMES,
    colour_at,
    colour_text,
    head_place,
    is_adjectival,
    is_adjective,
    is_style,
    names_thing,
    states,
)
from .wishes import Misread, Wish

_PLACED = (("set", "in"), ("placed", "in"), ("located", "in"), ("set", "against"))
MADE_OF = frozenset(
    (made, of) for made in ("made", "crafted", "carved", "built", "woven", "cast") for of in ("of", "out", "from")
)
_SHOWING = word_set(
    """include emphasize emphasise incorporate expose reveal simulate convey represent resemble mimic depict show
    contain portray accommodate"""
)
"""Verbs of what a picture or a thing in it is to show."""
_PARTICLES = word_set("out up down open apart together over off in on to towards away back closely")
_CLAUSES = frozenset({"while", "that", "which", "who", "of", "keeping", "showing"})
_MANNERS_OF = word_set("appearance look expression state condition pose posture stance shape form gesture hairstyle")
"""What something has and is no thing: "a more rugged appearance"."""
_DOES = word_set("add remove increase reduce decrease introduce enhance eliminate allow make have match create")
_SHOWING_TOO = word_set("capture focus display feature highlight match form suggest indicate reflect make have")
"""Those that are nouns as well, or stand for other things."""
_PAINTS = frozenset({"gold", "silver", "orange", "violet", "lavender", "ivory", "rose", "lime"})
TINTS = frozenset({"shade", "tone", "hue", "tint", "colour", "color"})


class Transforming(ExactChanges):
    """ "… to blue", "… into a dog", "… a modern metal one"."""

    def _to_text(self, selection: Selection, start: int) -> list[Wish]:
        """What becomes of a selection by the text from a token on.

        Raises:
            Misread: where there is no text.
        """
        if start >= self.end:
            raise Misread(None)
        text = (start, self.end)
        if plain := self._gone_or_said(selection, start):
            return plain
        if self.words[start] in ("be", "become") and start + 1 < self.end:
            text = (start + 1, self.end)
            if self._is_done(text) and selection.only is not None and attribute_of(selection.only) is None:
                # "to be fanned out"
                return [self._modified(selection, text, "free")]
        if self.words[text[0] : text[0] + 2] in _PLACED:
            text = (min(text[0] + 2, self.end - 1), self.end)
        if self.words[start : self.end] == ("one",):
            raise refusal(f"How many are to be left was not understood in '{self.clause.spelled()}'")
        only = selection.only
        if (several := attributes_of(selection)) is not None:
            return self._attribute(selection, several, text)
        attribute = attribute_of(selection.items[0])
        if attribute is not None and (only is not None or attribute[2] is not None):
            if attribute[2] is not None and only is None:
                # "the colour of the car and the bike" is said of both
                attribute = (*attribute[:2], replace(selection, items=(*attribute[2].items, *selection.items[1:])))
            return self._attribute(selection, attribute, text)
        if only is not None and only.special == "background" and (colour := colour_text(self.clause, *text)):
            return [self._wish("look", targets=selection, text=colour)]
        if self.is_purpose(*text):
            return [self._shown(selection, text)]
        matched = colour_at(self.clause, *text)
        matches = matched is not None and self.words[matched[1] : matched[1] + 2] == ("to", "match")
        if matched is not None and matches and self._whole(matched[1] + 2, self.end) is not None:
            # "to white to match the car"
            return [self._wish("look", targets=selection, text=matched[0], free=((matched[1], self.end),))]
        article = self.words[text[0]] in ("a", "an")
        a_thing = text[0] + 1 + article == text[1] and self.words[text[1] - 1] in COLOUR_THINGS
        a_thing = a_thing and (article or (self.words[text[0] - 1] == "into" and self.words[text[0]] not in _PAINTS))
        if a_thing and only is not None and only.has_noun and not only.special:
            # "into an orange", "into snow"
            return [self._another(selection, only, text)]
        exact = self._exact_text(selection, text)
        return exact if exact else [self._transformed(selection, text)]

    def _gone_or_said(self, selection: Selection, start: int) -> list[Wish]:
        """ "to nothing" removes, "to say Bob's Burgers" writes; nothing for other texts.

        Raises:
            Misread: where there is no text; NotUnderstood: for "adjusted" and "more to the right", which say not how.
        """
        if self.words[start : self.end] in (("nothing",), ("the", "background")) and not selection.items[0].special:
            return [self._wish("remove", targets=selection)]
        whole = any(item.special in ("picture", "background", "everything") for item in selection.items)
        if self.words[start] == "say" and start + 1 < self.end and not whole:
            letters = (start + 1, self.end)
            return [self._says(selection, letters, self._letters_alone(letters))]
        said = start + (self.words[start] == "be")
        if said >= self.end:
            raise Misread(None)
        if self.words[said] in ("adjusted", "corrected", "fixed", "improved", "edited") and said > start:
            raise refusal(f"How it is to be {self.words[said]} is not said")
        if self.words[said : said + 2] == ("more", "to"):
            # "more to the right"
            raise refusal("How far to move is not said (such as '50 pixels to the left', or 'to the left edge')")
        return []

    def _is_done(self, text: tuple[int, int]) -> bool:
        """Whether a text says what has been done to a thing: "fanned out", "spread apart"; and names none."""
        word = self.words[text[0]]
        alone = text[0] + 1 == text[1]
        done = word.endswith("ed") and word not in NOUNS_IN_ED and verb_of(word, "ed") is None
        return done and (alone or self.words[text[0] + 1] in _PARTICLES) and not self._exact_text(picture(), text)

    def _is_manner(self, text: tuple[int, int]) -> bool:
        """Whether a text says how something is to be: "a more dramatic, overcast appearance"."""
        said = self.words[text[0] + 1 : text[1] - 1]
        looks = any(is_adjective(word) or word in ("more", "less") for word in said)
        looks = looks and not any(word in _CLAUSES or RELATIONS.at(said, k) for k, word in enumerate(said))
        return looks and self.words[text[0]] in ("a", "an") and self.words[text[1] - 1] in _MANNERS_OF

    def _elsewhere(self, word: str, owner: Selection, text: tuple[int, int]) -> Wish | None:
        """ "the position of the lamp to the left of the door", "the location of the people to a beach"; else None."""
        goal = self.goals.goal_at(text[0] - (self.words[text[0] - 1] == "to")) if word in PLACES else None
        if goal is not None and goal[1] >= self.end:
            return self._wish("move", targets=owner, goal=goal[0])
        setting = word == "location" and self.words[text[1] - 1] in SCENERY
        return self._painted("background", text, text=self.clause.raw(*text)) if setting else None

    def is_purpose(self, start: int, end: int) -> bool:
        """Whether "to" is followed by what something is to do there, and by no thing: "to show more of the sky"."""
        if self.words[start - 1] not in ("to", "and") or start + 1 >= end:
            return False
        word, follows = self.words[start], self.words[start + 1]
        known = follows in ARTICLES or follows in POSSESSIVES or follows in {"more", "less", "all", "only"} | PRONOUNS
        return word in _SHOWING | _DOES - _SHOWING_TOO or (
            (word in _SHOWING_TOO or begins_wish(self.words, start)) and known
        )

    def _shown(self, selection: Selection, text: tuple[int, int]) -> Wish:
        """What a thing is to show; of the background or the picture, that."""
        shows = self.words[text[0]] in (_SHOWING | _SHOWING_TOO) - _DOES
        if shows and any(item.special == "background" or self._is_scenery(item, text) for item in selection.items):
            text = (text[0] + 1, text[1])
            return self._painted("background", text, text=self.clause.raw(*text))
        return self._modified(selection, text, "free")

    def _attribute(
        self, selection: Selection, attribute: tuple[str, str, Selection | None], text: tuple[int, int]
    ) -> list[Wish]:
        """ "the colour of the car to red", "the pose of the cat to lying down", "the text of the sign to SLOW"."""
        group, word, owner = attribute
        many = owner is not None and any(is_plural(item.noun[-1]) for item in owner.items if item.noun)
        if word == "number" and many:
            raise refusal(f"'{selection.words}' asks for another number of things: say which to remove, or what to add")
        if owner is None and group == "text" and selection.items[0].noun:
            # of what was spoken of before, or else what is written in the picture
            owner = _it_called(*selection.items[0].noun[:1])
        elif owner is None and word in FONTS:
            owner = _it_called("text")
        elif owner is None:
            owner = it() if group in ("colour", "surface", "shape", "size") and word != "style" else None
        if owner is None or (owner.only is not None and owner.only.special == "picture"):
            return [self._of_the_picture(word, text)]
        if moved := self._elsewhere(word, owner, text):
            return [moved]
        if any(item.noun == ("same",) or "same" in item.noun for item in owner.items):
            raise refusal(f"'{self.clause.spelled()}' is a comparison; say what it is to be like")
        if word in ("breed", "species"):
            return [self._painted("replace", text, targets=owner, text=self.clause.raw(*text), new=self._new(*text))]
        if group in ("colour", "size", "brightness") and (exact := self._exact_text(owner, text)):
            return exact
        percent = amounts.amount_at(self.clause, *text) if group == "size" else None
        if percent is not None and percent[0].unit == "percent" and percent[1] == text[1]:
            return [self._wish("resize", targets=owner, value=percent[0].value / 100)]
        if group == "brightness":
            return [self._relit(owner, text)]
        said = self.clause.raw(*text)
        if group == "text":
            return [self._says(owner, text, self._letters_alone(text), word)]
        if word == "style" and owner.only is not None and owner.only.special == "background":
            return [self._painted("background", text, targets=owner, text=said)]
        change = said if word in ("content", "contents", "pose", "action", "state") else f"{word}: {said}"
        return [self._modified(owner, text, "free" if group == "shape" else "keep", change)]

    def _relit(self, owner: Selection, text: tuple[int, int]) -> Wish:
        """ "the brightness of the background to make it lighter"."""
        words = set(self.words[text[0] : text[1]])
        if words & {"lighter", "brighter", "brighten", "increase", "higher", "sunnier", "lighten"}:
            return self._wish("look", targets=owner, text=f"brighten {amounts.plain(amounts.BRIGHTEN)}%", free=(text,))
        if words & {"darker", "dimmer", "darken", "decrease", "lower", "dim"}:
            return self._wish("look", targets=owner, text=f"darken {amounts.plain(amounts.BRIGHTEN)}%", free=(text,))
        return self._modified(owner, text, "keep", f"lighting: {self.clause.raw(*text)}")

    def _of_the_picture(self, word: str, text: tuple[int, int]) -> Wish:
        if word in TINTS and GREYSCALE.at(self.words, *text) == ("grey", text[1] - text[0]):
            return self._wish("look", targets=picture(), text="desaturate 100%")
        said = self.clause.raw(*text)
        style = (
            said
            if word == "style" and "style" in said.split()
            else f"{said} {word}"
            if word == "style"
            else f"{word}: {said}"
        )
        return self._painted("style", text, text=style)

    def _transformed(self, selection: Selection, text: tuple[int, int]) -> Wish:
        """Something else in its place, another setting, another style, or another look: what the text is about says."""
        if (other := self._lettered(selection, text) or self._of_the_kind(selection, text)) is not None:
            return other
        only = selection.only
        said = self.clause.raw(*text)
        if self.words[text[0] : text[0] + 2] in MADE_OF or self._is_tint(text):
            return self._modified(selection, text)
        timed = only is not None and only.noun[-1:] and only.noun[-1] in TIMES and not self._is_in_scene(only)
        if only is not None and (only.special == "picture" or timed or only.noun in (("style",), ("art", "style"))):
            return self._painted("style", text, text=said)
        if only is not None and only.noun[-1:] and only.noun[-1] in MANNERS and not self._is_in_scene(only):
            return self._painted("style", text, text=f"{only.noun[-1]}: {said}")
        if self._are_scenery(selection, text):
            return self._painted("background", text, targets=None, text=said)
        if self._is_patterned(text):
            return self._modified(selection, text)
        if self._is_paint(text):
            past = self._past_praise(text)
            return replace(self._modified(selection, (past, text[1])), free=((past, text[1]), (text[0], past)))
        last = self.words[self.end - 1]
        if only is not None and only.has_noun and not only.special and last in STYLE_WORDS | FONTS:
            # "make the dog anime style", "change the title to a handwritten font"
            return self._modified(selection, text)
        if only is not None and only.special in ("everything",) and is_style(self.clause, *text):
            return self._painted("style", text, text=said)
        if states(self.clause, *text) or self._is_manner(text):
            return self._modified(selection, text, "free")
        if is_adjectival(self.clause, *text):
            return self._modified(selection, text)
        if not names_thing(self.clause, *text):
            raise refusal(f"What '{selection.words}' is to become by '{said}' was not understood")
        if only is not None and only.has_noun and not only.special:
            return self._another(selection, only, text)
        return self._painted("replace", text, targets=selection, text=said, new=self._new(*text))

    def _of_the_kind(self, selection: Selection, text: tuple[int, int]) -> Wish | None:
        """ "the stormy sea with a calm one" is another sea, "the daytime scene into night" the whole picture; else
        None."""
        only = selection.only
        if only is None or not only.has_noun or only.special:
            return None
        if self.words[head_place(self.clause, *text)] in ("one", "ones"):
            return self._another(selection, only, text)
        if only.noun[-1] == "scene" and self.words[text[1] - 1] in TIMES and not self._is_in_scene(only):
            return self._painted("style", text, text=self.clause.raw(*text))
        return None

    def _are_scenery(self, selection: Selection, text: tuple[int, int]) -> bool:
        """Whether a text makes another setting of things.

        Raises:
            NotUnderstood: where the background is named beside things that are no part of it.
        """
        scenic = [item.special == "background" or self._is_scenery(item, text) for item in selection.items]
        if any(scenic) and not all(scenic) and any(item.special == "background" for item in selection.items):
            raise refusal("The background and other things take a step each")
        return any(scenic)

    def _another(self, selection: Selection, old: Phrase, text: tuple[int, int]) -> Wish:
        """ "a modern metal one" in the place of a bench is a modern metal bench."""
        head = head_place(self.clause, *text)
        new, said = self._new(*text), self.clause.raw(*text)
        if self.words[head] in ("one", "ones"):
            noun = old.noun if self.words[head] == "ones" else old.name
            # "the stormy sea with a calm one"
            noun = (*(word for word in noun[:-1] if not is_adjective(word)), noun[-1])
            said = " ".join(filter(None, (self.clause.raw(text[0], head), spelled(noun))))
            said = " ".join(filter(None, (said, self.clause.raw(head + 1, text[1]))))
            new = replace(old, posts=(), owner=None, ranks=(), looks=(), determiners=frozenset({"a"}))
        return self._painted("replace", text, targets=selection, text=said, new=new)

    def _is_patterned(self, text: tuple[int, int]) -> bool:
        """Whether a text is a colour with something on it: "blue with white dots"."""
        colour = colour_at(self.clause, *text)
        return colour is not None and self.words[colour[1] : colour[1] + 1] == ("with",)

    def _is_paint(self, text: tuple[int, int]) -> bool:
        """Whether a text ends in a colour that nobody takes for a thing: "a nice sage green"; when something is
        painted or coloured, "a warm orange" too."""
        head = head_place(self.clause, *text)
        coloured = head + 1 == text[1] and colour_size(self.words, head, text[1]) == 1
        verb = VERBS.at(self.words, 0)
        painted = verb is not None and verb[0] == "recolour"
        return coloured and (painted or self.words[head] not in COLOUR_THINGS)

    def _is_tint(self, text: tuple[int, int]) -> bool:
        """Whether a text is about a colour: "a brighter shade of turquoise"."""
        head = head_place(self.clause, *text)
        return self.words[head] in TINTS and (self.words[head + 1 : head + 2] == ("of",) or head + 1 == text[1])


def picture() -> Selection:
    return Selection((Phrase(words="the picture", special="picture", noun=("picture",)),), words="the picture")


def it() -> Selection:
    return _it_called()


def _it_called(*noun: str) -> Selection:
    """What was spoken of before; where nothing was, what has that name."""
    return Selection((Phrase(words="it", special="pronoun", noun=noun, raw="it"),), words="it")

"""From the words of a clause to what it asks for: one method a family of verbs, one pass over the words."""

from __future__ import annotations

from dataclasses import replace

from ..nouns.phrases import Phrase, Selection
from ..words import amounts
from ..words.clauses import clauses_of
from ..words.doings import DOINGS, NOUNS_IN_ED
from ..words.tokens import refusal
from ..words.vocabulary import ARTICLES, EFFECT_NOUNS, RELATIONS, VERBS, verb_of
from .attributes import attribute_of
from .becoming import BODY_PARTS
from .fragments import Fragments
from .measuring import Measuring
from .parts import is_all
from .placing import SURFACES
from .restoring import FLAWS, restored
from .texts import is_adjective
from .transforming import picture
from .whole_picture import MANNERS, at_large
from .wishes import Misread, Wish

_NO_THINGS = frozenset(
    {"effect", "appearance", "look", "feel", "distortion", "quality", "mood", "atmosphere", "clarity", "inspiration"}
)
_UNWANTED = (("i", "don't", "want"), ("i", "do", "not", "want"), ("i", "dont", "want"), ("don't", "want"))
_BITES = frozenset({"bite", "slice", "piece", "chunk", "nibble"})
_WITH_DEGREE = frozenset({"brighten", "darken", "desaturate", "blur", "sharpen", "more", "less", "enlarge", "shrink"})


class Sentences(Measuring, Fragments):
    """Reads one clause; `labels` are what the scene calls its things."""

    def wishes(self) -> list[Wish]:
        """What the clause asks for.

        Raises:
            Misread: where it is no sentence of the grammar; NotUnderstood: where an amount is out of range.
        """
        if look := restored(self.words):
            return [self._painted("style", (0, self.end), text=look)]
        if look := at_large(self.words):
            return [self._painted("style", (0, self.end), text=look)]
        if wishes := self._by_doing(0) or self._rather_than() or self._but_for():
            return wishes
        if wishes := self._so_that() or self._unwanted():
            return wishes
        degree, place = amounts.degree_at(self.clause, 0, self.end)
        if place >= self.end:
            raise Misread(None)
        verb = VERBS.at(self.words, place, self.end)
        if verb is not None:
            return self._doing(verb[0], place + verb[1], degree)
        begins = place + 1 < self.end and (
            self.words[place + 1] in ARTICLES or self.words[place + 1] in ("all", "every")
        )
        if begins and (doing := verb_of(self.words[place], "ing")) is not None:
            # "substituting the child with a cat"
            return self._doing(doing, place + 1, degree)
        if begins and (done := verb_of(self.words[place], "ed")) in ("remove", "add"):
            # "removed the girl"
            return self._doing(done, place + 1, degree)
        return self._fragment(place) or self._should(place)

    def _unwanted(self) -> list[Wish]:
        """ "I don't want the lamp post there"; nothing for other texts."""
        size = next((len(begin) for begin in _UNWANTED if self.words[: len(begin)] == begin), 0)
        end = self.end - (self.words[-1] in ("there", "here", "anymore"))
        gone = self._whole(size, end) if size else None
        if gone is None or not all(
            ("the" in item.determiners or item.owner) and _is_plain(item) for item in gone.items
        ):
            return []
        return [self._wish("remove", targets=gone, free=((0, size), (end, self.end)))]

    def _doing(self, verb: str, start: int, degree: str = "") -> list[Wish]:
        if verb == "frame":
            return self._frame(start)
        if start >= self.end:
            raise Misread(None)
        read = getattr(self, f"_{verb}")
        return read(start, degree) if verb in _WITH_DEGREE else read(start)

    def _free_of(self, start: int) -> list[Wish]:
        freed = self._freed(start)
        if freed is not None:
            return freed
        if self.words[start - 1] == "strip" and {"off", "from"} & set(self.words[start:]):
            return self._take(start)
        if self.words[start - 1] != "purge":
            raise Misread(start)
        return self._remove(start)

    def _remove(self, start: int) -> list[Wish]:
        if (freed := self._freed(start)) is not None:
            return freed
        if self.words[start - 1] == "drop" and (goal := self.goals.of_move(start)[1]) and goal.kind == "relation":
            # "drop the banana into the bowl"
            return self._put(start)
        selection, place = self._selection(start)
        selection = _from_both(selection)
        if (flaw := self._red_eyes(selection)) or (said := self._words_said(selection)):
            return self._finished(place, flaw or said)
        if self.words[start - 1] == "clear" and not selection.items[0].determiners and not selection.items[0].special:
            # "clear sky" says how it is to be
            raise Misread(start - 1)
        if self.words[start - 1] == "clear" and any(item.head in SURFACES for item in selection.items):
            raise refusal(f"What is to go from '{selection.words}' is not said")
        if (mended := self._mended(selection, start, place)) is not None:
            return mended
        only = selection.only
        if only is not None and only.noun in (("colour",), ("color",), ("colours",), ("colors",)):
            whole = next((post.anchors[0] for post in only.posts if post.relation == "from_"), only.owner)
            if whole is not None:
                drained = Selection((whole,), words=whole.words)
                return self._finished(place, [self._wish("look", targets=drained, text="desaturate 100%")])
        if only is not None and only.noun == ("background",) and only.owner is not None:
            # "remove the background of the logo" leaves the logo alone
            alone = Selection((only.owner,), words=only.owner.words)
            return self._finished(place, [self._wish("extract", targets=alone, ground="transparent")])
        spared = self._spared_by_it(selection, place)
        if spared is not None:
            return [self._wish("extract", targets=spared, ground="transparent")]
        about = attribute_of(only) if only is not None else None
        if about is not None and about[0] == "brightness" and about[2] is None and len(only.noun if only else ()) == 1:
            dimmed = f"darken {amounts.plain(amounts.BRIGHTEN)}%"
            return self._finished(place, [self._wish("look", targets=picture(), text=dimmed)])
        if about is not None and about[0] == "picture" and about[2] is None:
            # "remove the sharpness", "remove the wet weather"
            text = f"less {about[1]}" if about[1] in MANNERS else f"without {self.clause.raw(start, place)}"
            return self._finished(place, [self._painted("style", (start, place), text=text)])
        if about is not None and about[1] in ("visibility", "presence", "prominence") and about[2] is not None:
            # "remove the visibility of the phones"
            selection = about[2]
        return self._finished(place, [self._wish("remove", targets=_without_effects(selection))])

    def _red_eyes(self, selection: Selection) -> list[Wish]:
        """ "remove red eye" mends the eyes; nothing for other things."""
        only = selection.only
        if only is None:
            return []
        looks = [look.word for look in only.looks] == ["red"] and "the" not in only.determiners
        if not (only.head == "red-eye" or (looks and only.noun in (("eye",), ("eyes",)))):
            return []
        eyes = replace(only, looks=(), noun=("eyes",), words="the eyes", determiners=frozenset({"the", "all"}))
        change = "in their natural colour, without red eye"
        return [self._modified(Selection((eyes,), words="the eyes"), (0, 0), "keep", change)]

    def _words_said(self, selection: Selection) -> list[Wish]:
        """The letters of "remove the word moon" and "remove the words am i here"; nothing for other things."""
        only = selection.only
        first, *said = only.noun if only is not None and only.noun else ("",)
        letters_too = first in ("word", "words", "phrase") and bool(said) and said[0] not in ("art", "of", "cloud")
        label = self.np.labels.at(only.name, 0) if only is not None else None
        if only is None or not letters_too or (label is not None and label[1] == len(only.name)):
            return []
        letters = replace(only, noun=(first,), words=f"the {first}")
        return [self._wish("remove", targets=Selection((letters,), words=letters.words))]

    def _spared_by_it(self, selection: Selection, place: int) -> Selection | None:
        """What is left where the background goes: the girl of "from the girl", "around the girl", "except for her"."""
        if [item.special for item in selection.items] != ["background"]:
            return None
        link = RELATIONS.at(self.words, place, self.end)
        if link is None or link[0] not in ("from_", "next_to", "behind"):
            return selection.spared if place >= self.end else None
        return self._whole(place + link[1], self.end)

    def _mended(self, selection: Selection, start: int, place: int) -> list[Wish] | None:
        """ "remove the blur from the photo" is about the whole picture; None where things are spoken of.

        Raises:
            NotUnderstood: for what is no thing and of which nobody here knows what is left without it.
        """
        only = selection.only
        if only is None or not only.noun or self._is_in_scene(only) or only.head_place != len(only.noun) - 1:
            return None
        off = [anchor for post in only.posts if post.relation == "from_" for anchor in post.anchors]
        if only.head in FLAWS and off and not off[0].special and off[0].noun:
            # "remove the blur from the plants"
            cleaned = Selection((off[0],), words=off[0].words)
            return self._finished(place, [self._modified(cleaned, (place, place), "keep", FLAWS[only.head])])
        if only.head in FLAWS and (only.head != "tint" or not (only.posts or only.owner or len(only.noun) > 1)):
            return self._finished(place, [self._painted("style", (start, place), text=FLAWS[only.head])])
        if only.head in _NO_THINGS:
            raise refusal(
                f"'{only.words}' is not a thing that could be taken away; say how the picture is to look instead"
            )
        return None

    def _take(self, start: int) -> list[Wish]:
        out = next((k for k in range(start + 1, self.end - 2) if self.words[k : k + 2] == ("out", "of")), None)
        of = self._whole(out + 2, self.end) if out is not None and self.words[out - 1] in _BITES else None
        if out is not None and of is not None and not is_all(of):
            # "take a bite out of the apple"
            text = (start, out)
            return [self._modified(of, text, "keep", f"with {self.clause.raw(*text)} taken out")]
        selection, place = self._selection(start)
        if (mended := self._mended(selection, start, place)) is not None:
            return mended
        if place < self.end and self.words[place] in ("away", "out", "off", "down"):
            place += 1
        elif not any(post.relation == "from_" for item in selection.items for post in item.posts):
            raise Misread(place if place < self.end else None)
        place = self.np.past_picture(place, self.end)
        return self._finished(place, [self._wish("remove", targets=selection)])

    def _get(self, start: int) -> list[Wish]:
        """ "get the dog out of here", "get the man a hat", "get the goat to look angry"."""
        to = next((k for k in range(start + 1, self.end - 1) if self.words[k] == "to"), None)
        who = self._whole(start, to) if to is not None and self.words[to + 1] in DOINGS else None
        if to is not None and who is not None:
            return self._become(who, to + 1)
        read = self.np.selection(start, self.end, frozenset({"out", "away", "off"}))
        if read is None or read[1] >= self.end or self.words[read[1]] not in ("out", "away", "off"):
            first = self.np.phrase(start, self.end)
            return self._add(start) if first is not None and first[0].is_indefinite else self._give(start)
        if self.words[read[1]] == "off" and self._whole(read[1] + 1, self.end) is not None:
            # "get the dog off the bed"
            return [self._wish("remove", targets=read[0])]
        here = self.words[read[1] + 1 :] in (("of", "here"), ("of", "there"), ("of", "it"), ("of", "sight"))
        place = self.end if here else self.np.past_picture(read[1] + 1, self.end)
        return self._finished(place, [self._wish("remove", targets=read[0])])

    def _cut_out(self, start: int) -> list[Wish]:
        """ "cut out the cat on a white background".

        Raises:
            NotUnderstood: where the thing may be what is to be kept, or what is to go.
        """
        if any(self._ground(place)[1] == self.end for place in range(start + 1, self.end)):
            return self._extract(start)
        rest = self.clause.raw(start, self.end)
        raise refusal(f"'Cut out' can mean two things: say 'remove {rest}', or 'extract {rest}' to keep it alone")

    def _keep(self, start: int) -> list[Wish]:
        only = self.words[start] == "only"
        if self.words[start] == "nothing" and RELATIONS.at(self.words, start + 1, self.end) is not None:
            # "leave nothing on the table"
            (clause,) = clauses_of(f"remove everything {self.clause.raw(start + 1, self.end)}")
            return type(self)(clause, self.np.labels).wishes()
        if self.words[-2:] in (("in", "colour"), ("in", "color")):
            return [self._only_coloured(self._all_of(start + only, self.end - 2))]
        selection, place = self._selection(start + only)
        if place < self.end and self.words[place] == "only":
            only, place = True, place + 1
        if not only and place >= self.end and self.clause.following().startswith("but "):
            # "keep the piano but replace the stool": what is not spoken of is kept anyway
            return []
        if not only:
            raise Misread(place if place < self.end else None)
        return self._finished(place, [self._wish("keep", targets=selection)])

    def _freed(self, start: int) -> list[Wish] | None:
        freed = super()._freed(start)
        targets = freed[0].targets if freed else None
        return freed if targets is None else self._mended(targets, start, self.end) or freed

    def _only_keep(self, start: int) -> list[Wish]:
        if self.words[-2:] in (("in", "colour"), ("in", "color")):
            return [self._only_coloured(self._all_of(start, self.end - 2))]
        selection, place = self._selection(start)
        return self._finished(place, [self._wish("keep", targets=selection)])


def _is_plain(phrase: Phrase) -> bool:
    """Whether a thing is named, and nothing is said of how it is: not "the door open" and "the dog removed"."""
    last = phrase.noun[-1] if phrase.noun else ""
    states = any(post.kind == "remark" or post.words.split()[0].endswith("ing") for post in phrase.posts)
    said = is_adjective(last) or (len(phrase.noun) > 1 and last.endswith("ed") and last not in NOUNS_IN_ED)
    return not (states or said or phrase.head in FLAWS)


def _from_both(selection: Selection) -> Selection:
    """ "the drawings from her nose and cheek" as those from her nose and those from her cheek."""
    if len(selection.items) != 2:
        return selection
    first, second = selection.items
    post = first.posts[-1] if first.posts else None
    if post is None or post.relation not in ("from_", "on", "in_") or len(post.anchors) != 1:
        return selection
    off = post.anchors[0]
    bare = not (second.determiners or second.owner or second.looks or second.posts) and len(second.noun) == 1
    if not bare or off.head not in BODY_PARTS or second.head not in BODY_PARTS:
        return selection
    there = replace(second, owner=off.owner, determiners=off.determiners)
    also = replace(first, posts=(*first.posts[:-1], replace(post, anchors=(there,))))
    return replace(selection, items=(first, also))


def _without_effects(selection: Selection) -> Selection:
    """Without "and its shadow": what a thing casts goes with it."""

    def is_effect(item: Phrase) -> bool:
        return item.head in EFFECT_NOUNS and item.owner is not None and item.owner.special == "pronoun"

    items = tuple(item for item in selection.items if not is_effect(item))
    return replace(selection, items=items) if items else selection

"""Sentences about what is written in the picture: new letters, another font, bold, translated."""

from __future__ import annotations

import re
from dataclasses import replace

from ..nouns.before import CARRY_LETTERS
from ..nouns.phrases import Phrase, Selection
from ..words.tokens import refusal
from ..words.vocabulary import NUMBERS, word_set
from .parts import SentenceParts
from .texts import is_lettering
from .wishes import Misread, Wish

_CARRIERS = word_set("plate sign signs billboard banner label screen display board poster logo badge sticker letters")
"""What carries a text, so that new letters change it and do not replace it."""
_FIGURES = word_set("time date price score year temperature percentage amount total address")
"""What is written in the picture where it is to become other letters."""
_CALLED = frozenset({"price", "date", "year", "score", "name", "initials"})
"""What is letters or figures, whatever it is to become."""
_LEADS = frozenset({"the", "a", "text", "word", "words", "letters", "characters", "number", "say"})
_LOOKS = {
    "unbold": "in regular weight",
    "bold": "in bold",
    "embolden": "in bold",
    "underline": "underlined",
    "pixelate": "pixelated",
}
_LOOKS |= dict.fromkeys(("italicize", "italicise"), "in italics")
_LOOKS |= dict.fromkeys(("capitalize", "capitalise"), "in capital letters")
_SCRIPTS = frozenset(
    {"letters", "lettering", "ink", "paint", "font", "script", "chalk", "handwriting", "type"}
    | {"icing", "frosting", "sharpie", "marker", "crayon", "pen", "cursive", "graffiti"}
)
"""What letters are written in."""
_NOT_LETTERS = word_set("a an my your our his her their something anything the some")
"""Words with which a text is described, and not said."""
_SAYS = (("which", "means"), ("that", "means"), ("which", "is"), ("meaning",), ("as",), ("namely",), ("to",))
"""What stands between a translation and its letters."""


class Writing(SentenceParts):
    """ "change the text of the sign to SLOW", 'write "HELLO" on the wall', "underline the title"."""

    def _says(self, selection: Selection, text: tuple[int, int], said: str, noun: str = "text") -> Wish:
        """That a thing, or a text, is to say other letters."""
        quoted = said if said.startswith('"') else f'"{said}"'
        return self._painted(
            "modify", text, targets=selection, text=f"the {noun} {quoted}", prompt=f"the text {quoted}"
        )

    def _other_figures(self, start: int) -> list[Wish]:
        """ "change the number 881 to 960", 'replace the year "1999" with "2020"'; nothing for other texts."""
        named = start + (self.words[start] == "the")
        old = named + 1 + (self.words[named + 1 : named + 2] == ("from",))
        if old + 2 >= self.end or self.words[named] not in _FIGURES | {"number", "numbers", "digits"}:
            return []
        written = self.clause.tokens[old].kind in ("number", "ordinal") or self.clause.tokens[old].is_letters
        link = old + 1
        new = self.clause.tokens[link + 1]
        figures = new.kind in ("number", "ordinal") or new.is_letters or new.word in NUMBERS
        if not (written and figures) or self.words[link] not in ("to", "with", "by", "into"):
            return []
        text, noun = (link + 1, self.end), self.words[named]
        says = Selection((Phrase(words=f"the {noun}", noun=(noun,), determiners=frozenset({"the"})),), words=noun)
        return [replace(self._says(says, text, self._letters_alone(text)), free=(text, (old, link)))]

    def _saying(self, start: int) -> list[Wish]:
        """ "make the sign say Hello World"; nothing for other texts."""
        says = next((k for k in range(start + 1, self.end - 1) if self.words[k] in ("say", "says")), None)
        selection = self._whole(start, says) if says is not None else None
        if says is None or selection is None:
            return []
        text = (says + 1, self.end)
        return [self._says(selection, text, self._letters_alone(text))]

    def _lettered(self, selection: Selection, text: tuple[int, int]) -> Wish | None:
        """Other letters on what carries some, or in the place of letters that are quoted; None for anything else."""
        only, said = selection.only, self.clause.raw(*text)
        if any(not item.noun or item.special in ("picture", "background", "everything") for item in selection.items):
            return None
        letters = self._letters_alone(text)
        if all(_is_written(item) for item in selection.items) and self.clause.tokens[text[0]].kind == "quoted":
            return self._says(selection, text, letters)
        if (
            only is not None
            and only.noun
            and len(only.noun[-1]) == len(self.words[text[1] - 1]) == 1
            and text[1] - text[0] <= 2
        ):
            # "change the E to an A"
            return self._says(selection, text, self.clause.raw(text[1] - 1, text[1]), "letter")
        carrier = only is not None and only.noun[-1] in _CARRIERS
        named = letters != said and is_lettering(letters)
        if self.clause.tokens[text[1] - 2 : text[1] - 1] and self.clause.tokens[text[1] - 2].is_letters:
            # 'the "Blue Ribbon" box' is a box
            named = False
        # "a TV" is a thing, unless it is to stand on a sign
        named = named and (carrier or self.words[text[0]] != "a" or said.count(" ") != 1)
        named = named or _is_written(selection.items[0])
        carried = carrier and is_lettering(said)
        figures = said.startswith('"') or (self.clause.tokens[text[0]].kind == "number" and text[0] + 1 == text[1])
        plain = self.words[text[0]] not in _NOT_LETTERS and re.search(r"[A-Z0-9]", said) is not None
        figures = figures or (only is not None and only.head in _CALLED and plain)
        carried = carried or (
            only is not None and only.head in CARRY_LETTERS | _FIGURES | _CALLED | {"number"} and figures
        )
        if only is None or not (named or carried):
            return None
        return self._says(selection, text, letters if named else said)

    def _letters_alone(self, text: tuple[int, int]) -> str:
        """The letters alone of 'the word "HELLO"' and "text MY DIARY"."""
        start, end = text
        while start + 1 < end and self.words[start] in _LEADS and self.clause.tokens[start].kind != "quoted":
            start += 1
        if self.words[start] == "the" and start + 2 < end and self.words[start + 1] in _LEADS:
            # "the word welcome"
            start += 2
        if self.clause.tokens[start].is_letters and self.np.past_picture(start + 1, end) == end:
            end = start + 1
        where = next(
            (
                k
                for k in range(start + 1, end - 1)
                if self.words[k] == "on" and self.words[k + 1] == "the" and self.words[end - 1] in _CARRIERS
            ),
            end,
        )
        if self.clause.raw(start, where).isupper() and self.clause.raw(where, end).islower():
            # "GO on the sign"
            end = where
        return self.clause.raw(start, end)

    def _write(self, start: int) -> list[Wish]:
        """'write "HELLO" on the wall': what carries the text is changed."""
        words, quoted = self.words, [token.kind == "quoted" for token in self.clause.tokens]
        places = [k for k in range(start + 1, self.end) if words[k] in ("on", "onto", "across") and not quoted[k]]
        script = self._script()
        place = next((k for k in places if self._whole(k + 1, script) is not None), None)
        target = self._whole(place + 1, script) if place is not None else None
        if place is None or target is None:
            if places or not quoted[start]:
                raise Misread(places[0] if places else None)
            # 'write "Sale" under the poster'
            added = self._doing("add", start)
            return [replace(wish, text=f"the text {wish.text}") if wish.kind == "add" else wish for wish in added]
        if target.only is None or not (target.only.noun or target.only.special in ("pronoun", "id")):
            raise refusal(f"What '{self.clause.raw(start, place)}' is to be written on was not understood")
        said = self._letters_alone((start, place))
        if not said.startswith('"') and words[start] in _NOT_LETTERS:
            raise refusal(f"Which letters '{said}' are is not said; put them in quotation marks")
        wish = self._says(target, (start, place), said)
        if script >= self.end:
            return [wish]
        return [
            replace(
                wish, text=f"{wish.text} {self.clause.raw(script, self.end)}", free=(*wish.free, (script, self.end))
            )
        ]

    def _script(self) -> int:
        """Where "in red letters" begins at the end of the clause, or its end."""
        if self.words[-1] not in _SCRIPTS:
            return self.end
        return next((k for k in range(self.end - 2, max(self.end - 6, 0), -1) if self.words[k] == "in"), self.end)

    def _embolden(self, start: int) -> list[Wish]:
        """ "underline the title", "bold the sign's text"."""
        selection, place = self._selection(start)
        verb = next((verb for verb in _LOOKS if self.words[start - 1].startswith(verb.removesuffix("e"))), "")
        if not verb:
            raise Misread(start - 1)
        wish = self._modified(selection, (start - 1, start), "keep", _LOOKS[verb])
        return self._finished(place, [wish])

    def _translate(self, start: int) -> list[Wish]:
        """'translate "项目二" to English as "Project 2"'.

        Raises:
            NotUnderstood: where the translation itself is not said.
        """
        start += self.words[start] == "only"
        selection, place = self._selection(start, stops=frozenset({"into", "to", "from", "in"}))
        letters = next((k for k in range(place, self.end) if self.clause.tokens[k].kind == "quoted"), None)
        said = letters is not None and any(self.words[letters - len(lead) : letters] == lead for lead in _SAYS)
        if letters is None or not said:
            raise refusal(f"What '{selection.words}' is in the other language is not said (such as 'to \"HELLO\"')")
        close = next((k for k in range(letters, self.end) if self.clause.tokens[k].kind != "quoted"), self.end)
        wish = self._says(selection, (letters, close), self.clause.raw(letters, close))
        return self._finished(close, [replace(wish, free=((start, self.end),))])


def _is_written(phrase: Phrase) -> bool:
    """Whether a phrase is quoted, or names the letters that are meant."""
    return phrase.written or (len(phrase.raw) > 1 and phrase.raw[0] == phrase.raw[-1] == '"')

"""No instruction ends in anything but a plan or a sentence, and reading costs as much as there is to read.

`CIELR_FUZZ` in the environment multiplies how often everything is tried; `make fuzz` tries ten times as much.
"""

import contextlib
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import COINS, STREET, TABLE

from cielr import CielrError, Scene
from cielr.core.geometry import Box, Mask
from cielr.core.scene import SceneObject, SceneUpdate, new_id
from cielr.reasoning.grammar.nouns.parser import label_table
from cielr.reasoning.grammar.reader import plan_explicit, plan_with_eyes
from cielr.reasoning.grammar.sentences.by_verb import Sentences
from cielr.reasoning.grammar.sentences.wishes import Misread
from cielr.reasoning.grammar.words import vocabulary
from cielr.reasoning.grammar.words.clauses import clauses_of
from cielr.reasoning.grammar.words.vocabulary import PhraseTable
from cielr.telling.trace import Trace

EXAMPLES = 150 * int(os.environ.get("CIELR_FUZZ", "1"))
EMPTY = Scene(width=400, height=300)


def phrases_of(table: PhraseTable) -> list[str]:
    return [" ".join(words) for options in table._by_first.values() for words, _ in options]


OWN_WORDS = sorted(
    {phrase for table in vars(vocabulary).values() if isinstance(table, PhraseTable) for phrase in phrases_of(table)}
    | {str(word) for value in vars(vocabulary).values() if isinstance(value, (frozenset, dict)) for word in value}
    | {
        *[
            "cup",
            "cups",
            "coin",
            "man's",
            "dog",
            "plate",
            "of,",
            ".",
            ";",
            "(",
            ")",
            "%",
            "3",
            "20px",
            "2nd",
            "#ff8800",
            "to",
            "into",
            "with",
            "as",
            "for",
            "and",
            "the",
            "a",
            "instead",
            "is",
            "wearing",
            "made of",
            "adding",
            "removing",
            "like",
            "more",
            "them",
            "all",
            "blacken",
            "translate",
            "slightly",
            "his left",
            '"SALE 10%"',
            "'good news'",
        ],
        '"',
        "'s",
    }
)
NOUNS = ["cup", "the red cups", "a dog", "the man's hat", "it", "the background", "the other coin", "the top row", ""]
SENTENCES = st.lists(st.sampled_from(OWN_WORDS) | st.sampled_from(NOUNS), min_size=1, max_size=14).map(" ".join)


class AllSeeing:
    """Eyes that find whatever is asked for, one thing a label."""

    def answer(self, scene, request):
        labels = getattr(request, "labels", ("shadow",))
        taken = list(scene.used_ids)
        added = []
        for number, label in enumerate(labels):
            box = Box(20 + 11 * number, 30, 60 + 11 * number, 80)
            name = new_id(label, taken)
            taken.append(name)
            part_of = request.object if request.kind == "parts" else None
            mask = Mask.from_box(box, scene.height, scene.width)
            added.append(SceneObject(id=name, label=label, box=box, mask=mask, part_of=part_of))
        return SceneUpdate(request=request, added=tuple(added), source="all-seeing")


def outcome(read) -> str:
    try:
        plan = read()
    except CielrError as error:
        return str(error)
    return plan.summary


@settings(max_examples=EXAMPLES, deadline=None)
@given(SENTENCES, st.sampled_from([TABLE, COINS, STREET, EMPTY]), st.booleans())
def test_the_grammars_own_words_in_any_order_end_in_a_plan_or_a_sentence(text, scene, painter):
    assert outcome(lambda: plan_explicit(scene, text, painter)).strip().endswith((".", "?"))


@settings(max_examples=EXAMPLES, deadline=None)
@given(SENTENCES, st.sampled_from([TABLE, EMPTY]))
def test_with_eyes_that_find_everything_too(text, scene):
    step = Trace().step("reason")
    assert outcome(lambda: plan_with_eyes(scene, text, AllSeeing(), True, step)[1]).strip().endswith((".", "?"))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(max_size=80), st.booleans())
def test_any_characters_end_in_a_plan_or_a_sentence(text, painter):
    assert outcome(lambda: plan_explicit(TABLE, text, painter)).strip().endswith((".", "?"))


REPEATED = [
    "remove the coin " + "left of the coin {}",
    "remove the coin {}",
    "make the coin {} red",
    "replace the coin with a cup {}",
    "add a cup {}",
    "remove the coin, {}",
    "there should be a coin {}",
    "adjust the coin to the size of the cup {}",
    "the coin should be placed {}",
    "create an image of a coin {}",
    "swap the positions of the coin and the cup {}",
]
TAILS = [
    "and the coin ",
    "on the left ",
    "of the coin ",
    "in the top row ",
    "which is red ",
    "red ",
    "the ",
    "with a cup ",
]


def steps(text: str) -> int:
    """Places of the text that were looked at."""
    count = 0
    for clause in clauses_of(text):
        reader = Sentences(clause, label_table(["coin", "cup"]))
        with contextlib.suppress(Misread, CielrError):
            reader.wishes()
        count += reader.np.steps
    return count


@pytest.mark.parametrize("sentence", REPEATED)
@pytest.mark.parametrize("tail", TAILS)
def test_reading_costs_no_more_than_in_proportion_to_the_length(sentence, tail):
    short, long = (sentence.format(tail * n).strip() for n in (10, 40))
    assert steps(long) <= 8 * max(steps(short), 40)


def test_a_phrase_that_is_nested_too_deep_is_refused_at_once():
    text = "remove the coin " + "left of the coin " * 40
    assert outcome(lambda: plan_explicit(COINS, text)).endswith(".")
    assert steps(text) < 5000

"""Quoted letters are the text in the picture that says them; what is quoted is no instruction."""

import pytest
from scenes import scene_of

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import lacking_of, plan_explicit

POSTER = scene_of(
    800,
    600,
    """
    text_1 100 40 700 120 summer sale text
    text_2 100 400 400 440 text
    title_1 100 140 700 200 title
    sign_1 40 300 160 380 closed sign
    sign_2 400 300 520 380 sign
    morning_1 600 300 700 330 morning
    morning_2 600 360 700 390 morning
    dog_1 300 450 400 560 dog colour=brown
    """,
)


def planned(text, painter=True):
    return plan_explicit(POSTER, text, painter=painter).actions


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("delete 'Summer Sale'", ("text_1",)),
        ('remove the text "SUMMER SALE"', ("text_1",)),
        ("remove the “Closed” sign", ("sign_1",)),
        ("remove the sign 'CLOSED'", ("sign_1",)),
        ("erase 'Summer Sale'and the dog", ("text_1", "dog_1")),
        ('remove the "dog"', ("dog_1",)),
        ("remove all instances of 'morning'", ("morning_1", "morning_2")),
        ("remove both occurrences of 'morning' in the picture", ("morning_1", "morning_2")),
    ],
)
def test_letters_name_the_text_that_says_them(text, targets):
    (action,) = planned(text, painter=False)
    assert (action.kind, action.objects) == ("remove", targets)


@pytest.mark.parametrize(
    ("text", "targets", "change"),
    [
        ("change 'Summer Sale' to 'Winter Sale'", ("text_1",), 'the text "Winter Sale"'),
        ("replace 'SUMMER SALE' with 'It's better not to buy!' in the picture", ("text_1",), "the text \"It's better"),
        ("turn 'Summer Sale' into 'Fall'", ("text_1",), 'the text "Fall"'),
        ("change the title to a handwritten font", ("title_1",), "a handwritten font"),
        ("change the title to 'Good News'", ("title_1",), 'the text "Good News"'),
        ("change all instances of 'morning' to 'evening'", ("morning_1", "morning_2"), 'the text "evening"'),
        ("change the sign 'CLOSED' to 'OPEN'", ("sign_1",), 'the text "OPEN"'),
        ("translate the title to French as 'Bonnes nouvelles'", ("title_1",), 'the text "Bonnes nouvelles"'),
        ("change the font of the title to bold italics", ("title_1",), "font: bold italics"),
        ("underline 'Summer Sale'", ("text_1",), "underlined"),
        ("capitalize the title", ("title_1",), "in capital letters"),
    ],
)
def test_other_letters_are_a_change_of_the_text(text, targets, change):
    (action,) = planned(text)
    assert (action.kind, action.objects) == ("modify", targets)
    assert action.change.startswith(change)


@pytest.mark.parametrize("word", ["never", "no", "the best", "not without", "nicer", "or", "photo", "colour", "them"])
def test_nothing_within_quotation_marks_is_read_as_an_instruction(word):
    (action,) = planned(f"change 'Summer Sale' to '{word}'")
    assert action.change == f'the text "{word}"'


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("make 'Summer Sale' twice as big", "resize", {"scale": 2.0}),
        ("reduce 'Summer Sale' by half", "resize", {"scale": 0.5}),
        ("rotate 'SUMMER SALE' 30 degrees to the left", "turn", {"degrees": -30.0}),
        ("rotate the text 'Summer Sale'clockwise by 15°", "turn", {"degrees": 15.0}),
        ("move 'Summer Sale' to below the title", "move", {}),
        ("swap 'Summer Sale' and the title", "swap", {}),
    ],
)
def test_letters_are_moved_and_turned_like_things(text, kind, value):
    (action,) = planned(text, painter=False)
    assert action.kind == kind
    assert "text_1" in action.objects
    assert {name: getattr(action, name) for name in value} == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("change the font of the title", "What 'the font of the title' is to become is not said"),
        ("change the colour of the dog", "What 'the colour of the dog' is to become is not said"),
        ("translate the title into French", "is in the other language is not said"),
    ],
)
def test_what_is_not_said_is_asked_for(text, words):
    with pytest.raises(NotUnderstood, match=words):
        planned(text)


def test_letters_that_no_text_is_known_to_say_are_not_guessed():
    several = scene_of(400, 300, "text_1 0 0 90 30 text\ntext_2 0 60 90 90 text")
    with pytest.raises(NotUnderstood, match="Which of the 2 says"):
        plan_explicit(several, "remove 'Grand Opening'")


def test_the_eyes_are_asked_for_a_text():
    empty = scene_of(400, 300, "dog_1 0 0 90 30 dog")
    assert lacking_of(empty, "delete 'Grand Opening'", True).labels == ("grand opening text",)
    assert lacking_of(empty, "change the title 'Grand Opening' to 'SALE'", True).labels == ("grand opening title",)

"""Texts of which a part could be read: what is left over is never painted, dropped or taken for all there is."""

import pytest
from scenes import scene_of

from cielr.errors import NothingMatches, NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit

KITCHEN = scene_of(
    1000,
    700,
    """
    floor_1 0 500 1000 700 floor
    table_1 50 380 950 690 table
    cup_1 100 400 160 470 cup colour=red
    cup_2 250 400 320 480 cup colour=blue
    cup_3 420 410 470 465 cup colour=white
    bowl_1 500 420 640 520 bowl colour=green
    apple_1 530 440 570 480 apple colour=red
    fridge_1 780 40 980 370 fridge colour=white
    clock_1 180 60 250 130 clock
    lamp_1 430 0 500 35 lamp
    man_1 650 100 760 370 0.3 man
    woman_1 600 10 700 90 0.3 woman
    umbrella_1 10 80 90 140 umbrella
    sign_1 300 100 380 160 sign
    """,
)


def planned(text):
    return plan_explicit(KITCHEN, text, painter=True).actions


@pytest.mark.parametrize(
    "text",
    [
        # what is to be kept
        "remove the cups (but not the red one)",
        "remove the cups (only the red one)",
        "remove the cups, leaving only the red one",
        "remove the cups while keeping the red one",
        "remove the cups so that only the red one is left",
        "put snow everywhere except on the table",
        # a second wish in a remark
        "remove the clock, making the fridge red",
        "remove the clock, adding a vase instead",
        "remove the clock so that the fridge is red",
        "remove the clock, including the lamp",
        "remove the clock (and the lamp)",
        "put a cat on the table (next to the red cup)",
        # nothing that could stand in the place of a thing
        "the red cup should be smaller than the bowl",
        "the red cup should be as big as the bowl",
        "the red cup should be on the fridge and the bowl in the sink",
        "the cup_1 should be the same colour as the bowl",
        "change the clock to the left",
        "change the man's shirt to the woman's",
        "replace the red cup with the bowl",
        "set the table for four people",
        "replace the cups with lamps and vice versa",
        # statements and counts
        "there are too many cups",
        "there should be only two cups",
        "there should be three cups",
        "there should be nothing on the table",
        "the red cup should be white like the bowl",
        "the man should stand where the woman is",
        "the red cup should be on the table and bigger",
        "add a lid to the bowl and remove its label",
        "put a spoon in the red cup, another in the blue cup",
        "put a cat on the table and another one on the floor",
        "put an orange and the apple on the table",
        "there's a smudge on the fridge, can you fix that?",
        "clear sky",
        "remove some cups",
        "remove the cups (the red one stays)",
        "remove the clock, including its hands, and the lamp",
        "make the fridge red, add a cat, no clock",
        "replace the cups with lamps, keeping the red one",
        "cover the cups with a cloth except the red one",
        "make it winter except for the fridge",
        "swap left and right",
        "mirror everything",
        "add nothing",
        "add cups until there are five",
        "make it a painting, keep the fridge in colour",
        # letters that are not said
        "write a poem on the fridge",
        "write your name on the fridge",
        'write "A" on the fridge and "B" on the clock',
        "make it say HALT",
        # whom or what it is
        "the brown ones should be white",
        "remove the ones without a handle",
        "swap the faces of the man and the woman",
        # parts of a thing
        "make the left half of the picture darker",
        "paint the left half of the fridge red",
        "make the top of the fridge red",
        "give him sunglasses instead of his glasses",
    ],
)
def test_it_is_refused(text):
    with pytest.raises(NotUnderstood):
        planned(text)


@pytest.mark.parametrize(
    "text",
    [
        "remove the cups (but not the red one)",
        "remove the cups (only the red one)",
        "remove the cups (all but the blue one)",
        "remove the cups (the red one stays)",
        "remove the clock (and the lamp)",
        "remove the clock, making the fridge red",
        "remove the cups. Keep the other cup.",
        "remove the clock. It's too dark.",
    ],
)
def test_without_a_painter_too(text):
    with pytest.raises(NotUnderstood):
        plan_explicit(KITCHEN, text)


def test_whom_two_pronouns_mean_in_one_breath():
    first, second = planned("turn him into a robot and her into an alien")
    assert (first.targets, first.with_) == (("man_1",), "a robot")
    assert (second.targets, second.with_) == (("woman_1",), "an alien")


def test_a_sketch_is_no_mere_grey():
    with pytest.raises(NotUnderstood, match="goes with what was asked before"):
        planned("make it a black and white pencil sketch, keep the fridge in colour")


def test_nobody_is_in_the_background_of_a_portrait():
    with pytest.raises(NothingMatches, match="no people in the background"):
        planned("remove the people in the background")


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("remove the cups, all of them", {"cup_1", "cup_2", "cup_3"}),
        ("take everything out of the bowl", {"apple_1"}),
        ("remove everything from the table", {"cup_1", "cup_2", "cup_3", "bowl_1", "apple_1"}),
        ("remove the clock, leaving the wall empty", {"clock_1"}),
        ("remove the clock (it is ugly)", {"clock_1"}),
    ],
)
def test_what_goes_is_what_was_said(text, targets):
    (action,) = planned(text)
    assert (action.kind, set(action.targets)) == ("remove", targets)


def test_a_second_infinitive_is_a_second_wish():
    first, second = planned("I'd like to remove the clock and to make the fridge red")
    assert (first.kind, first.targets) == ("remove", ("clock_1",))
    assert (second.kind, second.targets, second.change) == ("modify", ("fridge_1",), "colour red")


@pytest.mark.parametrize(
    ("text", "adds"),
    [
        ("put a hat on the man, the woman and the bowl", {"man_1": "a hat", "woman_1": "a hat", "bowl_1": "a hat"}),
        ("put lights on the fridge and snow on the table", {"fridge_1": "lights", "table_1": "snow"}),
        ("give the man an umbrella and the woman a hat", {"man_1": "an umbrella", "woman_1": "a hat"}),
    ],
)
def test_each_new_thing_has_its_own_place(text, adds):
    assert {action.where.anchors[0]: action.what for action in planned(text)} == adds


def test_what_is_there_is_moved_and_not_drawn_again():
    (action,) = planned("give the umbrella to the man")
    assert (action.kind, action.targets, action.to.anchors) == ("move", ("umbrella_1",), ("man_1",))


def test_the_blue_one_is_a_cup_and_not_what_the_red_one_became():
    first, second = planned("make the red cup into a mug and the blue one too")
    assert [(first.targets, first.with_), (second.targets, second.with_)] == [
        (("cup_1",), "a mug"),
        (("cup_2",), "a mug"),
    ]


def test_a_list_of_new_things_is_one_after_the_other():
    assert [action.what for action in planned("add a lemon, a pear, and an onion to the bowl")] == [
        "a lemon",
        "a pear",
        "an onion",
    ]


def test_a_border_is_no_thing_on_the_floor():
    (action,) = planned("add a white border")
    assert action.kind == "global"


def test_line_separators_part_words():
    (action,) = planned("remove\u2028the clock")
    assert action.targets == ("clock_1",)


def test_the_word_before_letters_is_none_of_them():
    (action,) = planned('write the word "welcome" on the fridge')
    assert (action.targets, action.prompt) == (("fridge_1",), 'the text "welcome"')


def test_what_drops_into_a_bowl_is_still_there():
    (action,) = planned("drop the clock into the bowl")
    assert (action.kind, action.targets, action.to.anchors) == ("move", ("clock_1",), ("bowl_1",))


def test_a_size_in_percent_is_a_factor():
    (action,) = planned("change the size of the clock to 50%")
    assert (action.kind, action.targets, action.scale) == ("resize", ("clock_1",), 0.5)


def test_one_verb_fills_two_vessels():
    first, second = planned("fill the red cup with tea and the blue one with milk")
    assert [(first.targets, first.change), (second.targets, second.change)] == [
        (("cup_1",), "filled with tea"),
        (("cup_2",), "filled with milk"),
    ]

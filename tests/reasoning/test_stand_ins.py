"""Words that stand for a noun said before: "the one on the left", "the third", "everyone", "a wooden one"."""

import pytest
from scenes import scene_of

from cielr.core.colours import MIXTURES, colour_rgb
from cielr.errors import Ambiguous, NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit

PARK = scene_of(
    800,
    600,
    """
    person_1 50 200 110 400 person
    person_2 150 220 200 400 person
    person_3 300 210 350 395 person
    dog_1 400 350 450 390 dog colour=brown
    dog_2 500 330 600 400 dog colour=white
    tree_1 0 50 60 200 tree
    tree_2 620 20 780 300 tree
    car_1 120 420 240 480 car colour=red
    car_2 560 420 700 490 car colour=blue
    bench_1 300 450 420 520 bench colour=blue
    ball_1 460 390 480 410 ball colour=red
    cat_1 350 540 420 590 cat
    """,
)


def planned(text, painter=True):
    return plan_explicit(PARK, text, painter=painter).actions


MEANT = [
    ("make the car on the right red and the one on the left green", [("car_2",), ("car_1",)]),
    ("make the second person from the left darker and the third lighter", [("person_2",), ("person_3",)]),
    ("make the brown dog black and the white one blue", [("dog_1",), ("dog_2",)]),
    ("remove the red car and the blue one", [("car_1", "car_2")]),
    ("remove the red car and the blue ones", [("car_1", "car_2")]),
    ("remove the left dog, then make the right one black", [("dog_1",), ("dog_2",)]),
    ("remove the smallest person. Make the largest darker", [("person_2",), ("person_1",)]),
    ("remove the first and the last person", [("person_1", "person_3")]),
    ("remove everyone", [("person_1", "person_2", "person_3")]),
    ("remove everybody but the person on the left", [("person_2", "person_3")]),
    ("remove the person on the left and darken everyone else", [("person_1",), ("person_2", "person_3")]),
    ("remove the left car and darken the other", [("car_1",), ("car_2",)]),
    ("cut the cat out of the picture", [("cat_1",)]),
]


@pytest.mark.parametrize(("text", "names"), MEANT)
def test_the_noun_said_before_is_meant(text, names):
    assert [action.objects for action in planned(text)] == names


@pytest.mark.parametrize(
    ("text", "said", "makes"),
    [
        ("replace the bench with a wooden one", "a wooden bench", ("bench_2",)),
        (
            "change the bench into a modern metal one with arm rests",
            "a modern metal bench with arm rests",
            ("bench_2",),
        ),
        ("replace both dogs with fluffy ones", "fluffy dogs", ("dog_3", "dog_4")),
    ],
)
def test_the_painter_is_told_what_one_is(text, said, makes):
    (action,) = planned(text)
    assert (action.with_, action.makes) == (said, makes)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("paint the bench sage green", "colour sage green"),
        ("paint the bench a nice sage green", "colour sage green"),
        ("make the bench emerald green", "colour emerald green"),
        ("colour the bench a nice warm orange", "warm orange"),
        ("turn the bench into a pale seaweed green", "pale seaweed green"),
    ],
)
def test_a_colour_is_no_new_thing(text, change):
    (action,) = planned(text)
    assert (action.kind, action.objects, action.change) == ("modify", ("bench_1",), change)


def test_a_fruit_is_still_a_thing():
    (action,) = planned("replace the ball with an orange")
    assert (action.kind, action.with_) == ("replace", "an orange")


def test_every_mixture_is_a_colour():
    assert all(colour_rgb(name) == colour_rgb(value) for name, value in MIXTURES.items())
    assert colour_rgb("charcoal grey") == colour_rgb("charcoal gray") is not None


def test_cut_out_may_mean_two_things():
    with pytest.raises(NotUnderstood, match="'remove the cat', or 'extract the cat'"):
        planned("cut out the cat")
    (action,) = planned("cut out the cat on a white background")
    assert (action.kind, action.ground) == ("extract", "white")


def test_nobody_named_before_is_no_other():
    with pytest.raises(Ambiguous, match="'other' stands for nothing"):
        planned("darken everyone else")

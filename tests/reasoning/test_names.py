"""What things are called: labels before word classes, names of several words, synonyms, comparatives, owners."""

import pytest
from scenes import scene_of

from cielr.core.inflection import is_plural, singular, with_article
from cielr.errors import Ambiguous, NothingMatches, NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit

ROAD = scene_of(
    900,
    500,
    """
    light_1 40 20 80 120 traffic light
    light_2 600 10 640 160 street light
    sign_1 200 30 260 90 stop sign colour=red
    door_1 700 100 880 400 double door
    car_1 100 300 300 400 car colour=white
    car_2 380 320 500 380 car colour=black
    couch_1 520 340 680 440 couch colour=red
    table_1 20 400 160 480 dining table
    phone_1 60 380 80 398 cell phone
    dog_1 350 420 420 480 hot dog
    person_1 200 200 240 330 person
    hat_1 205 200 235 215 hat colour=blue
    """,
)
RIGHT = [
    ("remove the traffic light", "light_1"),
    ("remove the street light", "light_2"),
    ("erase the stop sign", "sign_1"),
    ("darken the double door", "door_1"),
    ("remove the larger car", "car_1"),
    ("make the smaller car red", "car_2"),
    ("remove the large red couch", "couch_1"),
    ("remove the sofa", "couch_1"),
    ("remove the desk", "table_1"),
    ("remove the mobile phone", "phone_1"),
    ("blur the smartphone", "phone_1"),
    ("remove the car on the far left", "car_1"),
    ("remove the light in the top left hand corner", "light_1"),
    ("remove the person's hat", "hat_1"),
    ("remove the hat of the person", "hat_1"),
    ("make the blue hat of the person red", "hat_1"),
    ("remove the wooden dining table", "table_1"),
]


@pytest.mark.parametrize(("text", "name"), RIGHT)
def test_what_is_meant(text, name):
    (action,) = plan_explicit(ROAD, text).actions
    assert action.objects == (name,)


WRONG = [
    ("remove the light", Ambiguous, "light_2"),
    ("remove the dog", NothingMatches, "no dog"),
    ("remove the green couch", NothingMatches, "green couch"),
    ("remove the white car's wheel", NothingMatches, "wheel"),
    ("remove the toy car", NotUnderstood, "'toy'"),
    ("remove the other car", Ambiguous, "'other'"),
]


@pytest.mark.parametrize(("text", "kind", "word"), WRONG)
def test_what_is_not(text, kind, word):
    with pytest.raises(kind, match=word):
        plan_explicit(ROAD, text)


def test_the_other_one_is_the_one_that_was_not_named():
    first, second = plan_explicit(ROAD, "make the white car blue and remove the other car").actions
    assert (first.objects, second.objects) == (("car_1",), ("car_2",))


@pytest.mark.parametrize(
    "text", ["remove the second car from the left", "make every car red", "remove the smallest car"]
)
def test_who_left_things_out_counts_nothing(text):
    assert plan_explicit(ROAD, text).actions
    with pytest.raises(NotUnderstood, match="leaves out 7 of the smallest things"):
        plan_explicit(ROAD.model_copy(update={"left_out": 7}), text)
    assert plan_explicit(ROAD.model_copy(update={"left_out": 7}), "remove the black car").actions


def test_shelves_are_shelves():
    scene = scene_of(400, 300, "shelf_1 10 10 100 60\nshelf_2 10 100 100 160")
    assert plan_explicit(scene, "remove the shelves").actions[0].objects == ("shelf_1", "shelf_2")


PLURALS = """shelves shelf|knives knife|gloves glove|stoves stove|leaves leaf|buses bus|lenses lens|canvases canvas
|boxes box|dishes dish|watches watch|potatoes potato|shoes shoe|cookies cookie|ties tie|berries berry|keys key
|houses house|vases vase
|glass glass|dress dress|cactus cactus|children child|women woman|firemen fireman|mice mouse|feet foot
|people person|sheep sheep|scissors scissors|coins coin|t-shirts t-shirt|oxen ox|viruses virus|axes axe|roses rose"""


@pytest.mark.parametrize("pair", PLURALS.replace("\n", "").split("|"))
def test_one_singular_for_all(pair):
    plural, one = pair.split()
    assert singular(plural) == one
    assert singular(one) == one
    assert is_plural(plural) == (plural != one or plural == "scissors")


@pytest.mark.parametrize(
    "said", ["a horse", "an orange", "a unicorn", "an umbrella", "a university", "a european flag", "a one-eyed cat"]
)
def test_an_article_goes_by_the_sound(said):
    assert with_article(said.split(" ", 1)[1]) == said

"""Words that say one thing in one sentence and another in the next: what a rule of the grammar must leave alone."""

import pytest
from scenes import scene_of

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import lacking_of, plan_explicit

ROOM = scene_of(
    1000,
    700,
    """
    man_1 100 200 220 600 man
    woman_1 240 200 360 600 woman
    dog_1 400 480 520 600 dog
    cat_1 540 480 620 600 cat
    bag_1 640 500 720 600 bag
    table_1 640 560 990 690 table
    phone_1 450 300 480 340 phone
    house_1 0 0 240 180 house
    sign_1 700 40 800 140 sign
    light_1 920 20 960 120 traffic light
    basket_1 820 420 880 480 apple basket
    heading_1 300 20 500 60 page heading
    leg_1 560 300 600 360 chicken leg
    plate_1 700 540 780 570 plate
    tag_1 860 300 900 330 name tag
    shirt_1 110 280 210 420 shirt
    logo_1 850 160 960 260 logo
    glow_1 500 80 600 160 glow
    """,
)


def planned(text, scene=ROOM):
    return plan_explicit(scene, text, painter=True).actions


def told(action):
    values = (getattr(action, name, None) for name in ("change", "style", "what", "with_", "to", "scale", "ground"))
    return next((value for value in values if isinstance(value, str | float)), None)


@pytest.mark.parametrize(
    "text",
    [
        "I don't want the dog removed",
        "I don't want the door open",
        "I don't want the man sitting",
        "change the cat so it's not black",
        "remove the people from the boat and move it to the left edge",
        "change the position of the dog on the table",
    ],
)
def test_what_is_not_asked_for_is_not_done(text):
    with pytest.raises(NotUnderstood):
        planned(text)


@pytest.mark.parametrize(
    ("text", "kind", "target", "told_of"),
    [
        ("set the photo in black and white", "global", None, "desaturate 100%"),
        ("set the scene in anime style", "global", None, "anime style"),
        ("surround the photo with a white border", "global", None, "surrounded with a white border"),
        ("paint the traffic light red", "modify", "light_1", "colour red"),
        ("make the woman in white", "modify", "woman_1", "in white"),
        ("make the outer glow pink", "modify", "glow_1", "colour pink"),
        ("make the sign say hello, i am bob", "modify", "sign_1", 'the text "hello, i am bob"'),
        ("change the dog to a hair dryer", "replace", "dog_1", "a hair dryer"),
        ("remove the background of the logo", "extract", "logo_1", "transparent"),
        ("remove the apple picking basket", "remove", "basket_1", None),
        ("remove the page heading", "remove", "heading_1", None),
        ("add a table setting", "add", None, "a table setting"),
        ("hang a coat above the dog", "add", None, "a coat"),
    ],
)
def test_it_is_read_as_before(text, kind, target, told_of):
    (action,) = planned(text)
    assert action.kind == kind
    assert target is None or action.targets == (target,)
    assert told(action) == told_of


@pytest.mark.parametrize(
    ("text", "what", "relation", "anchor"),
    [
        ("move the dog from behind the cat to the left of the cat", "dog_1", "left_of", "cat_1"),
        ("put the phone in the bag on the table", "phone_1", "inside", "bag_1"),
        ("put the chicken leg on the plate", "leg_1", "on", "plate_1"),
        ("put the name tag on the shirt", "tag_1", "on", "shirt_1"),
        ("put the cat on top of a table", "cat_1", "on", "table_1"),
    ],
)
def test_it_is_moved_there(text, what, relation, anchor):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.to.relation, action.to.anchors) == (
        "move",
        (what,),
        relation,
        (anchor,),
    )


def test_it_is_the_one_that_is_surrounded():
    _, painted = planned("surround the house with trees and paint it red")
    assert painted.targets == ("house_1",)


def test_them_are_nobody_s_trees():
    added, larger = planned("add a girl next to the dog and make them bigger")
    assert larger.targets == added.makes


def test_a_hat_that_was_made_is_no_part_of_itself():
    *_, red = planned("add a boy and give him a hat, and make his hat red")
    assert (red.targets, red.change) == (("hat_1",), "colour red")
    _, larger = planned("add a car and make its size bigger")
    assert (larger.kind, larger.scale) == ("resize", 1.5)


@pytest.mark.parametrize(
    ("text", "owner", "parts"),
    [
        ("remove her bag and change her shoes to boots", "woman", ("bag", "shoe")),
        ("make his coat red and make his pants blue", "man", ("coat", "pants")),
        ("make the dog's tail longer and make its ears bigger", "dog", ("tail", "ear")),
        ("add a hat to the man and make his coat red", "man", ("coat",)),
    ],
)
def test_whose_things_are_looked_for(text, owner, parts):
    wanted = lacking_of(scene_of(400, 300, f"{owner}_1 10 10 190 290 {owner}"), text, True).parts
    assert {phrase.head for phrase, _ in wanted} == {owner}
    assert {name for _, names in wanted for name in names} == set(parts)

"""What a text makes of a thing: looks of two words, materials, manners, purposes, signals, and what a view is."""

import pytest
from scenes import scene_of

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit

YARD = scene_of(
    1000,
    700,
    """
    woman_1 100 200 220 600 woman
    man_1 250 200 370 600 man
    jeep_1 400 350 700 600 jeep colour=red
    fence_1 0 500 1000 560 fence
    light_1 920 20 960 120 traffic light
    cloud_1 100 20 300 90 cloud
    shirt_1 260 280 360 420 shirt
    pants_1 265 420 355 600 pants
    moon_1 800 30 860 90 moon
    goat_1 720 420 820 600 goat
    tile_1 10 570 90 640 tile
    rock_1 850 520 950 600 rock
    """,
)

WITH_DETAILS = scene_of(
    1000,
    700,
    """
    woman_1 100 200 220 600 woman
    hair_1 120 200 200 300 hair
    man_1 250 200 370 600 man
    beard_1 290 260 330 300 beard
    goat_1 720 420 820 600 goat
    tile_1 10 570 90 640 tile
    design_1 20 580 80 630 design colour=blue
    """,
)


def planned(text, scene=YARD):
    return plan_explicit(scene, text, painter=True).actions


@pytest.mark.parametrize(
    ("text", "target", "change"),
    [
        ("make the jeep matte black", "jeep_1", "matte black"),
        ("paint the jeep metallic silver", "jeep_1", "metallic silver"),
        ("change the jeep to neon orange", "jeep_1", "neon orange"),
        ("change the fence to wrought iron", "fence_1", "wrought iron"),
        ("the jeep should be polka dotted", "jeep_1", "polka dotted"),
        ("turn the traffic light green", "light_1", "showing a green light"),
        ("change the traffic light to red", "light_1", "showing a red light"),
        ("change the cloud to a more dramatic, overcast appearance", "cloud_1", "a more dramatic, overcast appearance"),
        ("modify the rock to add texture", "rock_1", "add texture"),
        ("adjust the cloud to make it look softer", "cloud_1", "make it look softer"),
        ("make the man use a phone", "man_1", "use a phone"),
        ("get the goat to look angry", "goat_1", "look angry"),
        ("change the man's action from using a fork to eating with his hands", "man_1", "eating with his hands"),
        ("reduce the visibility of the jeep", "jeep_1", "less visibility"),
        ("increase the focus and sharpness of the rock", "rock_1", "more focus and sharpness"),
        (
            "modify the goat's position and orientation to face the jeep",
            "goat_1",
            "position and orientation: face the jeep",
        ),
        ("change the woman's pose so she's crossing her arms", "woman_1", "crossing her arms"),
        ("smooth the texture of the rock", "rock_1", "smooth the texture of the rock"),
        ("stretch the jeep", "jeep_1", "stretch the jeep"),
    ],
)
def test_a_thing_gets_another_look(text, target, change):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.change) == ("modify", (target,), change)


def test_two_looks_for_two_things():
    shirt, pants = planned("make the shirt plaid and the pants khaki")
    assert (shirt.targets, shirt.change) == (("shirt_1",), "plaid")
    assert (pants.targets, pants.change) == (("pants_1",), "colour khaki")


@pytest.mark.parametrize("material", ["iron", "exposed brick", "a red glass"])
def test_what_may_be_a_thing_still_is_one(material):
    (action,) = planned(f"turn the fence into {material}")
    assert action.kind in ("replace", "modify")
    assert material in (getattr(action, "with_", ""), getattr(action, "change", ""))


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("replace the woman with long dark hair with a robot in a dark suit", "woman_1", "a robot in a dark suit"),
        ("replace the man with a beard with a statue", "man_1", "a statue"),
        ("replace the goat with a dog with a red collar", "goat_1", "a dog with a red collar"),
        (
            "replace the tile with blue designs with a tile with a swirling pattern",
            "tile_1",
            "a tile with a swirling pattern",
        ),
        ("replace the goat with vintage style lamp with a lantern", "goat_1", "vintage style lamp with a lantern"),
    ],
)
def test_with_says_what_somebody_has_or_what_comes(text, old, new):
    (action,) = planned(text, WITH_DETAILS)
    assert (action.targets, action.with_) == ((old,), new)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("adjust the camera angle to show more of the yard", "angle: show more of the yard"),
        ("adjust the focus to emphasize the man", "focus: emphasize the man"),
        ("adjust camera angle and lighting to capture the yard", "angle and lighting: capture the yard"),
        ("get rid of the blue tint", "neutral colours, without a tint"),
        ("brighten the overall image", "brighten 30%"),
    ],
)
def test_what_is_said_of_a_view_is_said_of_the_picture(text, style):
    (action,) = planned(text)
    assert (action.kind, action.style) == ("global", style)


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("change the background to expose the sea", "the sea"),
        ("alter the backdrop to depict a snowy landscape", "a snowy landscape"),
        ("set the scene in a medieval village", "a medieval village"),
    ],
)
def test_a_setting_is_what_the_background_is_to_show(text, setting):
    (action,) = planned(text)
    assert (action.kind, action.to) == ("background", setting)


@pytest.mark.parametrize(
    "text",
    [
        "expand the environment to show more structures",
        "expand the view of the yard",
        "increase the count of clouds",
        "adjust the size of the jeep slightly",
    ],
)
def test_what_cannot_be_done_is_said(text):
    with pytest.raises(NotUnderstood):
        planned(text)


def test_what_is_new_is_called_by_its_noun():
    (action,) = planned("add a dark blue and green globe")
    assert action.makes == ("globe_1",)
    (action,) = planned("add two combine harvesters spaced equally in a line")
    assert action.makes == ("harvester_1",)


def test_what_nobody_touches_is_not_told_to_the_painter():
    (action,) = planned("add snow on the fence without changing the jeep")
    assert action.what == "snow"


def test_things_stand_around_and_on_top():
    (action,) = planned("surround the rock with tulips")
    assert (action.kind, action.what, action.where.anchors) == ("add", "tulips all around", ("rock_1",))
    (action,) = planned("top the rock with a flag")
    assert (action.kind, action.what, action.where.anchors) == ("add", "a flag", ("rock_1",))
    (action,) = planned("put the goat on a surfboard")
    assert (action.kind, action.targets, action.change) == ("modify", ("goat_1",), "on a surfboard")


def test_letters_are_written_as_it_is_said():
    (action,) = planned('write "Sold" across the fence in red letters')
    assert (action.targets, action.change) == (("fence_1",), 'the text "Sold" in red letters')


def test_made_of_something_else_by_supposition():
    (action,) = planned("as if the goat was made of balloons")
    assert (action.targets, action.change) == (("goat_1",), "made of balloons")


def test_the_horizon_is_not_painted_straight():
    with pytest.raises(NotUnderstood, match="never turned"):
        planned("straighten the horizon")


def test_what_is_huge_is_made_larger_by_code():
    (action,) = plan_explicit(YARD, "make the moon huge").actions
    assert (action.kind, action.targets, action.scale) == ("resize", ("moon_1",), 2.0)
    (action,) = plan_explicit(YARD, "make the moon tiny").actions
    assert action.scale == 0.5


@pytest.mark.parametrize(
    ("text", "target", "change"),
    [
        ("I'd like the jeep in navy blue instead of red", "jeep_1", "colour navy blue"),
        ("the jeep shall turn green", "jeep_1", "colour green"),
        ("make the fence in dark green", "fence_1", "colour dark green"),
        ("color the moon sky blue", "moon_1", "colour sky blue"),
    ],
)
def test_a_colour_of_two_words_is_one(text, target, change):
    (action,) = planned(text)
    assert (action.targets, action.change) == ((target,), change)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("make the jeep glow pink", "glow pink"),
        ("give the jeep a turquoise frame", "with a turquoise frame"),
        ("change the jeep to brass", "brass"),
        ("remove the motion blur from the jeep", "sharper, in crisp focus"),
    ],
)
def test_what_is_done_to_a_thing_is_no_name_of_it(text, change):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.change) == ("modify", ("jeep_1",), change)


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("add a bright sky", "a bright sky"),
        ("set the goat in a jungle", "a jungle"),
        ("make the backdrop plain white", "plain white"),
    ],
)
def test_what_is_all_around_is_the_background(text, setting):
    (action,) = planned(text)
    assert (action.kind, action.to) == ("background", setting)


def test_the_whole_thing_is_the_picture():
    (action,) = planned("make the whole thing look like a comic book")
    assert (action.kind, action.style) == ("global", "look like a comic book")


def test_both_arms_are_posed():
    scene = scene_of(400, 300, "arm_1 10 10 60 90 arm\narm_2 90 10 140 90 arm")
    (action,) = planned("position both arms above the head", scene)
    assert (action.kind, action.targets, action.outline) == ("modify", ("arm_1", "arm_2"), "free")


@pytest.mark.parametrize("text", ["replace the word STOP with GO", "replace the word STOP with GO on the sign"])
def test_a_word_that_is_written_becomes_another(text):
    scene = scene_of(400, 300, "word_1 10 10 60 40 word\nsign_1 5 5 90 90 sign")
    (action,) = planned(text, scene)
    assert (action.kind, action.targets, action.change) == ("modify", ("word_1",), 'the word "GO"')


def test_on_top_is_on_what_was_made():
    _, cherry = planned("add a cake and put a cherry on top")
    assert cherry.where.anchors == ("cake_1",)
    (star,) = planned("add a star on top")
    assert (star.where.relation, star.where.y) == ("at", 0.2)

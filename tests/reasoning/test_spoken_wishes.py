"""Wishes as they are spoken: questions, suppositions, "me", "it needs more trees", all but one in colour."""

import pytest
from scenes import RIVERSIDE, scene_of

from cielr.errors import Ambiguous, NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit

STREET = scene_of(
    800,
    600,
    """
    man_1 100 200 180 500 man
    sign_1 300 100 380 200 sign colour=white
    light_1 600 20 640 120 traffic light colour=red
    cup_1 400 480 440 520 cup colour=white
    table_1 350 500 560 590 table
    vase_1 450 420 500 510 vase
    wall_1 0 0 250 180 wall
    """,
)


def planned(text, scene=STREET, painter=True):
    return plan_explicit(scene, text, painter=painter).actions


@pytest.mark.parametrize(
    ("text", "target", "change"),
    [
        ("I'd love it if the cup was blue", "cup_1", "colour blue"),
        ("I wish the cup was blue", "cup_1", "colour blue"),
        ("could the cup become blue?", "cup_1", "colour blue"),
        ("can the vase be wooden?", "vase_1", "wooden"),
        ("Is it possible to make the cup blue?", "cup_1", "colour blue"),
        ("Hi, could someone please make the cup blue? Thanks", "cup_1", "colour blue"),
        ("make it so that the cup is blue", "cup_1", "colour blue"),
        ("change it so the man is smiling", "man_1", "smiling"),
        ("edit the cup so it is blue", "cup_1", "colour blue"),
        ("the wall needs to be whiter", "wall_1", "whiter"),
        ("make me smile", "man_1", "smile"),
        ("make me look ten years younger", "man_1", "look ten years younger"),
        ("put a smile on the man", "man_1", "with a smile"),
        ("saturate the vase", "vase_1", "more vivid colours"),
        ("blur out the sign", "sign_1", "blur 8px"),
        ("turn the traffic light green", "light_1", "showing a green light"),
        ("paint the wall light green", "wall_1", "colour light green"),
        ("pour coffee into the cup", "cup_1", "filled with coffee"),
        ("make the vase half full", "vase_1", "half full"),
        ("cartoonize the man", "man_1", "in cartoon style"),
        ("make the sign say Hello World", "sign_1", 'the text "Hello World"'),
    ],
)
def test_how_something_is_to_be(text, target, change):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.change) == ("modify", (target,), change)


@pytest.mark.parametrize(
    "text",
    [
        "get the man out of here",
        "get the man out of the picture",
        "there shouldn't be any men",
        "there should not be a man",
        "could the man disappear?",
        "it would be great if the man was gone",
        "remove me",
    ],
)
def test_what_is_to_be_gone(text):
    (action,) = planned(text)
    assert (action.kind, action.targets) == ("remove", ("man_1",))


@pytest.mark.parametrize(
    ("text", "what", "relation", "anchors"),
    [
        ("the wall needs a painting", "a painting", "on", ("wall_1",)),
        ("could we get some flowers in the vase?", "some flowers", "inside", ("vase_1",)),
        ("draw an arrow pointing to the cup", "an arrow pointing to the cup", "next_to", ("cup_1",)),
        ("it needs more trees", "more trees", "at", ()),
        ("put the words happy birthday at the top", "the words happy birthday", "at", ()),
    ],
)
def test_what_is_missing_is_added(text, what, relation, anchors):
    (action,) = planned(text)
    assert (action.kind, action.what, action.where.relation, action.where.anchors) == ("add", what, relation, anchors)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("warm up the colours", "colours: warmer"),
        ("cool down the photo", "cooler tones"),
        ("restore this old photo", "restored, without scratches, stains or fading"),
    ],
)
def test_what_is_said_of_the_whole_picture(text, style):
    (action,) = planned(text)
    assert (action.kind, action.style) == ("global", style)


@pytest.mark.parametrize(
    "text",
    [
        "only the man should be in colour",
        "keep only the man in color",
        "only keep the man in colour",
        "make it black and white, but keep the man in colour",
        "make it black and white. Keep the man in colour",
        "make everything black and white except the man",
    ],
)
def test_all_else_is_in_grey_once(text):
    ground, things = planned(text)
    assert (ground.kind, ground.to) == ("background", "desaturate 100%")
    assert things.change == "desaturate 100%"
    assert set(things.targets) == {thing.id for thing in STREET.objects} - {"man_1"}


def test_what_lies_somewhere_needs_no_name():
    (action,) = planned("remove what is on the table")
    assert (action.kind, set(action.targets)) == ("remove", {"cup_1", "vase_1"})


def test_places_are_swapped_and_edges_stood_on():
    (swapped,) = planned("swap the cup's and the vase's places")
    assert (swapped.kind, set(swapped.targets)) == ("swap", {"cup_1", "vase_1"})
    (moved,) = planned("move the cup to the edge of the wall")
    assert (moved.to.relation, moved.to.anchors) == ("on", ("wall_1",))
    (grown,) = planned("make the vase twice as tall")
    assert (grown.kind, grown.scale) == ("resize", 2.0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("move the cup to the edge of the picture", "Which edge"),
        ("double the number of cups", "how many there are, and no size"),
        ("increase the amount of cups", "how many there are, and no size"),
        ("remove every other cup", "every so-many-th"),
        ("flip the image upside down", "cannot be turned or mirrored as a whole"),
        ("remove what is left of the cake", "only knowledge"),
        ("remove what the man is afraid of", "only knowledge"),
        ("make me a sandwich", "'a' was not understood"),
    ],
)
def test_what_would_be_guessed_is_refused(text, why):
    with pytest.raises(NotUnderstood, match=why):
        planned(text)


def test_who_i_am_is_asked_where_there_are_several():
    with pytest.raises(Ambiguous, match="man_1, woman_1"):
        planned("make me smile", RIVERSIDE)


def test_warm_light_in_a_description_is_no_wish():
    add, *more = planned("Add a lamp next to the table. It should have a soft, warm light.")
    assert not more
    assert add.what == "a lamp. It should have a soft, warm light"


@pytest.mark.parametrize(
    "text",
    [
        "ok, make the cup blue",
        "Hey Siri, make the cup blue",
        "great, but make the cup blue",
        "make the cup blue asap",
        "make the cup blue, thanks in advance",
        "make the cup blue if possible",
        "make the cup blue because I like it",
        "make the cup blue. Thank you so much!",
        "make the cup blue and keep everything else the same",
        "Keep everything else unchanged. Make the cup blue.",
        "make the cup blue, don't change anything else",
        "make the cup blue. The rest stays as it is.",
        "make the cup blue, it's too white",
    ],
)
def test_courtesy_reasons_and_what_is_kept_anyway_change_nothing(text):
    for painter in (True, False):
        (action,) = planned(text, painter=painter)
        assert (action.targets, action.change) == (("cup_1",), "colour blue")


def test_a_reason_after_a_wish_is_none():
    (action,) = planned("remove the sign, it's ugly")
    assert (action.kind, action.targets) == ("remove", ("sign_1",))


@pytest.mark.parametrize("text", ["make the cup blue with white dots", "change the cup to blue with white dots"])
def test_a_colour_with_a_pattern_is_for_the_painter(text):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.change) == ("modify", ("cup_1",), "blue with white dots")


def test_a_bare_background_is_a_wish():
    (white,) = planned("white background please")
    assert (white.kind, white.to) == ("background", "colour white")
    (clear,) = planned("transparent background")
    assert (clear.kind, clear.ground) == ("extract", "transparent")


def test_somebody_in_red_is_known_by_it():
    people = scene_of(400, 300, "woman_1 0 0 90 200 woman colour=red\nwoman_2 200 0 290 200 woman colour=green")
    (action,) = planned("remove the woman in red", people)
    assert action.targets == ("woman_1",)
    (action,) = planned("make the woman in green smile", people)
    assert action.targets == ("woman_2",)
    (action,) = planned("paint the cup in red")
    assert (action.targets, action.change) == (("cup_1",), "colour red")


def test_what_belongs_into_the_sky_goes_there():
    (action,) = planned("add a rainbow", scene_of(400, 300, "sky_1 0 0 400 150 sky\nbarn_1 100 120 200 250 barn"))
    assert action.where.anchors == ("sky_1",)
    (action,) = planned("add some clouds")
    assert (action.where.relation, action.where.y) == ("at", 0.15)

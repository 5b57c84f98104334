"""A table of instructions, worded as people word them, and what each must come to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import SCENES, TABLE, scene_of

from cielr.actions import Duplicate, Modify, Move, Turn
from cielr.errors import Ambiguous, EditError, NothingMatches, NotUnderstood, PlanError
from cielr.reasoning.grammar.reader import plan_explicit


def short(action) -> str:
    """An action in one line: "remove cup_1", "modify cup_1: colour red", "move cup_1: by 20 0", "resize cup_1: 2"."""
    who = " ".join(action.objects)
    if isinstance(action, Modify):
        return f"modify {who}: {action.change}"
    if isinstance(action, Move):
        place = action.to
        where = f"{place.x:g} {place.y:g}" if place.relation in ("by", "at") else " ".join(place.anchors)
        return f"move {who}: {place.relation} {where}"
    if isinstance(action, Duplicate):
        return f"duplicate {who}: {action.to.relation} {' '.join(action.to.anchors)}"
    if isinstance(action, Turn):
        return f"turn {who}: {action.flip or f'{action.degrees:g}'}"
    more = {"resize": "scale", "background": "to", "global": "style", "extract": "ground"}.get(action.kind)
    text = getattr(action, more, "") if more else ""
    text = f"{text:g}" if isinstance(text, float) else text
    return " ".join(part for part in (action.kind, f"{who}:" if who and text else who, text) if part)


COIN_IDS = [f"coin_{n}" for n in range(1, 25)]
ALL_BUT_LARGEST = " ".join(COIN_IDS[:-1])

UNDERSTOOD = [
    # labels, verbs, politeness
    ("table", "remove the spoon", "remove spoon_1"),
    ("table", "Please delete the banana.", "remove banana_1"),
    ("table", "could you erase the spoon?", "remove spoon_1"),
    ("table", "take the banana away", "remove banana_1"),
    ("table", "take away the banana", "remove banana_1"),
    ("table", "get rid of the table", "remove table_1"),
    ("table", "I want you to just remove the spoon now", "remove spoon_1"),
    ("table", "make the spoon disappear", "remove spoon_1"),
    ("table", "REMOVE THE SPOON", "remove spoon_1"),
    ("table", "remove cup_2", "remove cup_2"),
    ("table", "remove cup 2", "remove cup_2"),
    ("table", "delete the mug on the left", "remove cup_1"),
    ("street", "erase the dog", "remove dog_1"),
    ("street", "remove the woman", "remove person_1"),
    ("street", "remove the man", "remove person_2"),
    ("street", "delete the street lamp", "remove lamp_1"),
    ("street", "remove the puppy", "remove dog_1"),
    # several
    ("table", "remove all cups", "remove cup_1 cup_2 cup_3"),
    ("table", "remove the cups", "remove cup_1 cup_2 cup_3"),
    ("table", "delete every cup", "remove cup_1 cup_2 cup_3"),
    ("table", "remove both plates", "remove plate_1 plate_2"),
    ("table", "remove the three cups", "remove cup_1 cup_2 cup_3"),
    ("table", "remove the spoon and the banana", "remove spoon_1 banana_1"),
    ("table", "remove the spoon, the banana and the orange", "remove spoon_1 banana_1 orange_1"),
    ("table", "remove each of the cups", "remove cup_1 cup_2 cup_3"),
    ("street", "remove all the cars and trees", "remove car_1 car_2 car_3 tree_1 tree_2"),
    # except
    ("table", "remove all cups except the blue one", "remove cup_1 cup_3"),
    ("table", "remove every cup but the red cup", "remove cup_2 cup_3"),
    ("coins", "remove all but the largest coin", f"remove {ALL_BUT_LARGEST}"),
    ("coins", "remove all coins except the largest", f"remove {ALL_BUT_LARGEST}"),
    ("coins", "keep only the largest coin", f"remove {ALL_BUT_LARGEST}"),
    ("street", "remove everything except the trees", "remove car_1 car_2 car_3 person_1 person_2 dog_1 lamp_1"),
    # colour and shape
    ("table", "remove the red cup", "remove cup_1"),
    ("table", "remove the dark blue plate", "remove plate_2"),
    ("table", "remove the white plate", "remove plate_1"),
    ("shapes", "remove the green object", "remove object_3"),
    ("shapes", "remove the red square", "remove object_4"),
    ("shapes", "remove the dark red object", "remove object_5"),
    ("shapes", "remove the yellow thing", "remove object_6"),
    ("shapes", "delete the large object", "remove object_2"),
    ("street", "remove the black car", "remove car_2"),
    ("street", "remove both red cars", "remove car_1 car_3"),
    # superlatives
    ("coins", "remove the largest coin", "remove coin_24"),
    ("coins", "remove the biggest coin", "remove coin_24"),
    ("coins", "remove the smallest coin", "remove coin_1"),
    ("coins", "remove the third largest coin", "remove coin_12"),
    ("coins", "remove the second smallest coin", "remove coin_7"),
    ("coins", "remove the two smallest coins", "remove coin_1 coin_7"),
    ("table", "remove the leftmost cup", "remove cup_1"),
    ("table", "remove the rightmost cup", "remove cup_3"),
    ("street", "remove the nearest car", "remove car_1"),
    ("street", "remove the farthest car", "remove car_3"),
    ("street", "remove the tallest tree", "remove tree_1"),
    ("street", "remove the widest car", "remove car_1"),
    ("street", "remove the largest red car", "remove car_1"),
    ("coins", "remove the largest of the coins", "remove coin_24"),
    # ordinals and counts
    ("table", "remove the second cup from the left", "remove cup_2"),
    ("table", "remove the first cup from the right", "remove cup_3"),
    ("coins", "remove the first coin", "remove coin_1"),
    ("coins", "remove the last coin", "remove coin_24"),
    ("coins", "remove the first and the last coin", "remove coin_1 coin_24"),
    ("coins", "remove the first three coins", "remove coin_1 coin_2 coin_3"),
    ("coins", "remove the last two coins", "remove coin_23 coin_24"),
    ("coins", "remove the 8th coin", "remove coin_8"),
    ("street", "remove the second car from the front", "remove car_2"),
    # rows and columns
    ("coins", "remove the second coin from the left in the top row", "remove coin_2"),
    ("coins", "remove the third coin in the second row", "remove coin_9"),
    ("coins", "remove the last coin of the bottom row", "remove coin_24"),
    ("coins", "remove the second coin from the right in the last row", "remove coin_23"),
    ("coins", "remove the largest coin in the top row", "remove coin_6"),
    ("coins", "remove the coins in the top row", "remove coin_1 coin_2 coin_3 coin_4 coin_5 coin_6"),
    ("coins", "remove the top row", "remove coin_1 coin_2 coin_3 coin_4 coin_5 coin_6"),
    ("coins", "remove the left column", "remove coin_1 coin_7 coin_13 coin_19"),
    ("coins", "remove the first coin in row 3", "remove coin_13"),
    ("coins", "remove the first and last coin in the top row", "remove coin_1 coin_6"),
    # relations
    ("table", "remove the cup between the red cup and the white cup", "remove cup_2"),
    ("table", "remove the orange on the white plate", "remove orange_1"),
    ("table", "remove the cup right of the blue cup", "remove cup_3"),
    ("table", "remove the cup to the left of the blue cup", "remove cup_1"),
    ("street", "remove the car behind the black car", "remove car_3"),
    ("street", "remove the cars to the left of the man", "remove car_1 car_2"),
    ("street", "remove the person to the right of the black car", "remove person_2"),
    ("shapes", "remove the object directly below the blue object", "remove object_5"),
    ("shapes", "remove the objects above object_4", "remove object_1 object_2 object_3"),
    ("coins", "remove the coin directly below coin_2", "remove coin_8"),
    ("coins", "remove the coins between coin_1 and coin_4", "remove coin_2 coin_3"),
    ("street", "remove everything to the right of the man", "remove car_3 tree_1 tree_2"),
    # colours
    ("table", "make the red cup blue", "modify cup_1: colour blue"),
    ("table", "paint the spoon gold", "modify spoon_1: colour gold"),
    ("table", "recolor the banana to green", "modify banana_1: colour green"),
    ("table", "turn the white plate dark green", "modify plate_1: colour dark green"),
    ("table", "change the colour of the spoon to #ff8800", "modify spoon_1: colour #ff8800"),
    ("table", "change the spoon to red", "modify spoon_1: colour red"),
    ("table", "dye the banana light blue please", "modify banana_1: colour light blue"),
    ("table", "make all cups white", "modify cup_1 cup_2 cup_3: colour white"),
    ("table", "make the red cup blue and the blue cup red", "modify cup_1: colour blue | modify cup_2: colour red"),
    ("table", "make the orange red", "modify orange_1: colour red"),
    # light, blur, saturation
    ("table", "brighten the spoon", "modify spoon_1: brighten 30%"),
    ("table", "darken the spoon by 20%", "modify spoon_1: darken 20%"),
    ("table", "make the spoon slightly brighter", "modify spoon_1: brighten 15%"),
    ("table", "make the spoon much darker", "modify spoon_1: darken 60%"),
    ("table", "slightly darken the banana", "modify banana_1: darken 15%"),
    ("table", "make the spoon 40% brighter", "modify spoon_1: brighten 40%"),
    ("table", "blur the banana by 12 px", "modify banana_1: blur 12px"),
    ("table", "make the plate on the right blurry", "modify plate_2: blur 8px"),
    ("table", "desaturate the orange", "modify orange_1: desaturate 100%"),
    ("table", "make the banana black and white", "modify banana_1: desaturate 100%"),
    ("table", "increase the brightness of the spoon by 10 percent", "modify spoon_1: brighten 10%"),
    ("table", "remove the colour from the banana", "modify banana_1: desaturate 100%"),
    # size
    ("table", "make the spoon bigger", "resize spoon_1: 1.5"),
    ("table", "make the spoon twice as big", "resize spoon_1: 2"),
    ("table", "enlarge the banana by 20%", "resize banana_1: 1.2"),
    ("table", "shrink the banana by half", "resize banana_1: 0.5"),
    ("table", "scale the banana to 80%", "resize banana_1: 0.8"),
    ("table", "double the size of the spoon", "resize spoon_1: 2"),
    ("table", "halve the banana", "resize banana_1: 0.5"),
    ("table", "make the spoon half the size", "resize spoon_1: 0.5"),
    ("table", "make the spoon 3 times bigger", "resize spoon_1: 3"),
    ("table", "make the spoon 25% smaller", "resize spoon_1: 0.75"),
    ("table", "enlarge the spoon by a factor of 1.4", "resize spoon_1: 1.4"),
    # place
    ("table", "move the spoon 20 pixels to the left", "move spoon_1: by -20 0"),
    ("table", "move the spoon to the right by 35px", "move spoon_1: by 35 0"),
    ("table", "shift the spoon up by 10 pixels", "move spoon_1: by 0 -10"),
    ("table", "move the spoon 20 px left and 10 px down", "move spoon_1: by -20 10"),
    ("table", "put the spoon on the blue plate", "move spoon_1: on plate_2"),
    ("table", "move the banana next to the spoon", "move banana_1: next_to spoon_1"),
    ("table", "move the spoon to the left of the red cup", "move spoon_1: left_of cup_1"),
    ("table", "put the spoon between plate_1 and plate_2", "move spoon_1: between plate_1 plate_2"),
    ("coins", "move the largest coin to the centre", "move coin_24: at 0.5 0.5"),
    ("coins", "move the largest coin to the top left corner", "move coin_24: at 0 0"),
    ("table", "put the banana in the bottom right corner of the image", "move banana_1: at 1 1"),
    ("table", "move the orange onto the blue plate", "move orange_1: on plate_2"),
    # as people put it
    ("table", "take the spoon out of the picture", "remove spoon_1"),
    ("table", "remove the red and the blue cup", "remove cup_1 cup_2"),
    ("table", "can you make the 2nd cup from the left a bit smaller?", "resize cup_2: 0.8062"),
    ("street", "remove the cars that are red", "remove car_1 car_3"),
    ("street", "remove the car closest to the dog", "remove car_2"),
    ("coins", "remove the coin in the top left corner", "remove coin_1"),
    ("coins", "remove the bottom right coin", "remove coin_24"),
    ("coins", "remove coins 3, 4 and 5", "remove coin_3 coin_4 coin_5"),
    ("shapes", "turn the blue circle red", "modify object_2: colour red"),
    ("shapes", "make the square red one blue", "modify object_4: colour blue"),
    # background and all
    ("table", "blur the background", "background blur 8px"),
    ("table", "make the background black and white", "background desaturate 100%"),
    ("table", "turn the background white", "background colour white"),
    ("table", "replace the background with light grey", "background colour light grey"),
    ("table", "darken the background by 40%", "background darken 40%"),
    ("table", "make the whole picture brighter", "global brighten 30%"),
    ("table", "turn the photo black and white", "global desaturate 100%"),
    (
        "table",
        "make everything except the cups black and white",
        "background desaturate 100% | modify table_1 plate_1 plate_2 orange_1 banana_1 spoon_1: desaturate 100%",
    ),
    ("table", "desaturate everything", "global desaturate 100%"),
    ("coins", "blur everything except the coins", "background blur 8px"),
    ("coins", "delete the coin between the first and the third coin in the bottom row", "remove coin_20"),
    ("table", "shrink the banana to half its size", "resize banana_1: 0.5"),
    ("table", "enlarge the spoon to twice its size", "resize spoon_1: 2"),
    ("table", "shrink the spoon to 40% of its size", "resize spoon_1: 0.4"),
    ("street", "remove the people", "remove person_1 person_2"),
    (
        "table",
        "darken everything on the table",
        "modify cup_1 cup_2 cup_3 plate_1 plate_2 orange_1 banana_1 spoon_1: darken 30%",
    ),
    ("table", "remove the round things on the table", "remove plate_1 plate_2 orange_1"),
    ("table", "remove all but the second cup from the left", "remove cup_1 cup_3"),
    ("table", "remove all but the first two cups from the left", "remove cup_3"),
    ("coins", "remove everything but the first coin in the top row", f"remove {' '.join(COIN_IDS[1:])}"),
    ("coins", "remove all but the coins in the top row", f"remove {' '.join(COIN_IDS[6:])}"),
    ("street", "remove the trees and the cars on the right", "remove tree_1 tree_2 car_3"),
    ("street", "remove the dog and the car on the right", "remove dog_1 car_3"),
    ("table", "remove the cups on the left side of the picture", "remove cup_1 cup_2"),
    ("table", "make the second-largest cup green", "modify cup_1: colour green"),
    ("table", "hey, could you remove the spoon, please? thanks", "remove spoon_1"),
    # chains
    ("table", "remove the second cup from the right, and blur the spoon", "remove cup_2 | modify spoon_1: blur 8px"),
    ("table", "remove the spoon, then make the banana red", "remove spoon_1 | modify banana_1: colour red"),
    ("table", "remove the spoon and make the banana red", "remove spoon_1 | modify banana_1: colour red"),
    ("table", "brighten the spoon; darken the banana", "modify spoon_1: brighten 30% | modify banana_1: darken 30%"),
    ("table", "Remove the spoon. Blur the background.", "remove spoon_1 | background blur 8px"),
    ("table", "move the spoon 20 px up and then make it red", "move spoon_1: by 0 -20 | modify spoon_1: colour red"),
    ("coins", "remove the largest coin, then remove the largest coin", "remove coin_24 | remove coin_18"),
    # words that say a colour and may be part of a name
    ("table", "make the spoon golden", "modify spoon_1: colour gold"),
    ("table", "paint the banana silvery", "modify banana_1: colour silver"),
    (
        "coins",
        "make coin_24 golden then darken it",
        "modify coin_24: colour gold | modify coin_24: darken 30%",
    ),
    # the nearest of several, and what is in the middle of the picture
    ("coins", "remove the coin directly to the left of the largest coin", "remove coin_23"),
    ("coins", "remove the coin right to the left of the largest coin", "remove coin_23"),
    ("coins", "remove the coin right below coin_2", "remove coin_8"),
    ("table", "remove the plate on the right below cup_3", "remove plate_2"),
    ("table", "remove the thing in the middle", "remove cup_2"),
    ("table", "make the cup in the centre of the picture pink", "modify cup_2: colour pink"),
    ("coins", "make the top-left coin red", "modify coin_1: colour red"),
    ("table", "remove the spoon pls", "remove spoon_1"),
    ("table", "make the spoon bigger and blue", "resize spoon_1: 1.5 | modify spoon_1: colour blue"),
    (
        "table",
        "make both plates red and remove all cups",
        "modify plate_1 plate_2: colour red | remove cup_1 cup_2 cup_3",
    ),
]

UNDERSTOOD += [
    ("coins", "rotate coin_3 by 30 degrees", "turn coin_3: 30"),
    ("coins", "turn the largest coin 90 degrees counterclockwise", "turn coin_24: -90"),
    ("coins", "turn the largest coin upside down", "turn coin_24: upside_down"),
    ("table", "flip the spoon horizontally", "turn spoon_1: left_right"),
    ("table", "mirror the banana", "turn banana_1: left_right"),
    ("coins", "swap the two largest coins", "swap coin_24 coin_18"),
    ("coins", "exchange coin_1 and coin_2", "swap coin_1 coin_2"),
    ("table", "swap the spoon with the banana", "swap spoon_1 banana_1"),
    ("table", "extract the red cup", "extract cup_1: transparent"),
    ("table", "cut-out the spoon on a white background", "extract spoon_1: white"),
    ("table", "duplicate the spoon", "duplicate spoon_1: by "),
    ("table", "copy the banana to the left of the spoon", "duplicate banana_1: left_of spoon_1"),
]

WORDS = sorted({word for _, instruction, _ in UNDERSTOOD for word in instruction.lower().split()})


@pytest.mark.parametrize(("scene", "instruction", "expected"), UNDERSTOOD)
def test_understood(scene, instruction, expected):
    plan = plan_explicit(SCENES[scene], instruction)
    assert " | ".join(short(action) for action in plan.actions) == expected
    plan.check(SCENES[scene])
    assert plan.summary
    assert all(action.reason for action in plan.actions)


def test_equals_are_not_ranked():
    """Two cups of one size and height: the larger, the taller, the nearer, the topmost of them would be a guess."""
    scene = scene_of(100, 50, "cup_1 10 10 30 30 0.5\ncup_2 60 10 80 30 0.5")
    for rank in ("largest", "smallest", "tallest", "widest", "nearest", "topmost", "lowest"):
        with pytest.raises(Ambiguous, match="alike: cup_1, cup_2"):
            plan_explicit(scene, f"remove the {rank} cup")
    assert plan_explicit(scene, "remove the two largest cups").actions[0].objects == ("cup_1", "cup_2")
    assert plan_explicit(scene, "remove the leftmost cup").actions[0].objects == ("cup_1",)


def test_in_the_middle_is_what_is_clearly_nearest_to_the_centre_of_the_picture():
    near = "cup_1 40 45 60 65\ncup_2 62 45 82 65\nplate_1 10 10 20 20"
    assert plan_explicit(scene_of(120, 110, near.replace("62 45 82", "76 45 92")), "remove the cup in the middle")
    with pytest.raises(Ambiguous, match="2 that fit 'cup' are about as near to the centre of the picture: cup_"):
        plan_explicit(scene_of(120, 110, near), "remove the cup in the middle")


def test_a_plan_says_in_words_how_its_targets_were_found():
    plan = plan_explicit(SCENES["coins"], "make the smallest one red, then blur it")
    assert [action.reason for action in plan.actions] == ["smallest one, of 24", "named before ('it')"]


def test_a_person_is_taken_by_what_is_said_of_it_alone():
    woman = scene_of(100, 50, "person_1 10 10 30 50 woman")
    somebody = scene_of(100, 50, "person_1 10 10 30 50 person")
    assert plan_explicit(woman, "remove the person").actions[0].objects == ("person_1",)
    assert plan_explicit(woman, "remove the lady").actions[0].objects == ("person_1",)
    for scene, word in ((woman, "man"), (woman, "boy"), (somebody, "woman"), (somebody, "men")):
        with pytest.raises(NothingMatches):
            plan_explicit(scene, f"remove the {word}")


def test_an_ordinal_counts_down_a_column_and_along_a_row():
    column = scene_of(100, 100, "cup_1 42 10 60 28\ncup_2 40 40 58 58\ncup_3 41 70 60 88")
    assert plan_explicit(column, "remove the second cup").actions[0].objects == ("cup_2",)
    row = scene_of(100, 100, "cup_3 70 10 88 28\ncup_2 40 12 58 30\ncup_1 10 9 30 27")
    assert plan_explicit(row, "remove the first cup").actions[0].objects == ("cup_1",)


def test_the_table_is_as_large_as_it_claims():
    assert len({row[1] for row in UNDERSTOOD}) >= 120


@pytest.mark.parametrize("scene", SCENES)
def test_the_same_words_give_the_same_plan(scene):
    for name, instruction, _ in UNDERSTOOD:
        if name == scene:
            assert plan_explicit(SCENES[scene], instruction) == plan_explicit(SCENES[scene], instruction)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_whatever_is_typed_there_is_a_plan_that_fits_or_one_sentence(text):
    try:
        plan = plan_explicit(TABLE, text)
    except (NotUnderstood, PlanError, EditError) as error:
        outcome = str(error)
    else:
        plan.check(TABLE)
        outcome = plan.summary
    assert outcome.strip().endswith((".", "?"))


@pytest.mark.parametrize(
    "look", ["look like glass", "look old", "shiny", "out of glass", "look like it is made of gold"]
)
def test_where_a_thing_lies_is_not_what_it_is_to_become(look):
    instruction = f"make the second coin from the left in the top row {look}"
    plan = plan_explicit(SCENES["coins"], instruction, painter=True)
    [action] = plan.actions
    assert action.targets == ("coin_2",)
    assert "row" not in action.change

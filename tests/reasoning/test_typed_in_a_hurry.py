"""Requests as people leave them for retouchers: without stops and apostrophes, and about the whole picture."""

import pytest
from scenes import scene_of

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit

YARD = scene_of(
    1000,
    700,
    """
    man_1 100 200 220 600 man
    face_1 130 210 190 280 face
    eyes_1 135 225 185 240 eyes
    nose_1 150 240 165 255 nose
    mouth_1 145 258 175 270 mouth
    woman_1 300 200 400 600 woman
    dog_1 450 480 560 600 dog
    head_1 500 480 560 530 head
    leash_1 400 500 450 520 leash
    hair_1 310 200 390 240 hair
    wall_1 600 100 990 500 wall
    car_1 700 400 950 600 car
    rims_1 720 540 780 600 rims
    number_1 800 500 850 520 number
    people_1 10 300 60 600 person
    """,
)


def planned(text, scene=YARD):
    return plan_explicit(scene, text, painter=True).actions


def kinds(text):
    return [action.kind for action in planned(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Change the leash to a rope Add tears to the face", ["replace", "add"]),
        ("remove the leash add a hat to the dog", ["remove", "add"]),
        ("remove the leash and the dog replace the car with a bus", ["remove", "replace"]),
        ("Make the car redder Make her hair longer Remove the leash", ["modify", "modify", "remove"]),
        ("Add a crown to the dog Add sparkles to the car Decrease contrast", ["add", "add", "global"]),
        ("REMOVE THE LEASH ADD A HAT TO THE DOG", ["remove", "add"]),
        ("add santa and a sleigh also add a reindeer", ["add", "add", "add"]),
        ("change the background to a canyon add a flying pig", ["background", "add"]),
        ("remove the leash make the dog blue", ["remove", "modify"]),
        ("darken the car increase the brightness of the dog", ["modify", "modify"]),
    ],
)
def test_a_wish_begins_without_a_stop(text, expected):
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("change the car to a bus that will delete fog", "with_", "a bus that will delete fog"),
        ("let the man make a cake", "change", "make a cake"),
        ("add a sign that says please remove shoes", "what", "a sign that says please remove shoes"),
        ("add a man ready to add coins", "what", "a man ready to add coins"),
        ("add a man who can insert coins", "what", "a man who can insert coins"),
    ],
)
def test_a_verb_within_a_wish_begins_none(text, field, said):
    (action,) = planned(text)
    assert getattr(action, field) == said


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("decrease the red color of the image", "less red"),
        ("Decrease levels of red", "less red"),
        ("tone down the reds", "less red"),
        ("increase the intensity of the colors", "more vivid colours"),
        ("Increase the intensity of red color on the entire image", "more red"),
        ("insert more green color into the image", "more green"),
        ("add more yellowness to the image", "more yellow"),
        ("remove the red color from the image", "less red"),
        ("add a blue tint", "a blue tint"),
        ("Add a darker warmer tone to the entire photo", "a darker warmer tone"),
        ("add some saturation", "more saturation"),
        ("add color", "more colour"),
        ("remove the sharpness", "less sharpness"),
        ("make the colors cooler", "colors: cooler"),
        ("make the image cooler", "cooler colours"),
    ],
)
def test_light_and_colours_at_large_are_no_things(text, style):
    (action,) = planned(text)
    assert (action.kind, action.style) == ("global", style)


def test_what_has_a_colour_of_its_own_is_a_thing():
    scene = scene_of(400, 300, "red_1 10 10 60 60 red light")
    (action,) = planned("remove the red light", scene)
    assert (action.kind, action.targets) == ("remove", ("red_1",))


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("remove the background and make it blue", "colour blue"),
        ("remove background and replace with white", "colour white"),
        ("remove the background and replace it with a beach", "a beach"),
        ("Remove the background Put in a grey background", "a grey background"),
        ("remove the background and add a beach", "a beach"),
        ("remove the background, then put the man and the dog in front of a Star Wars background", None),
        ("change the background around the dog to blue", "colour blue"),
        ("change the background behind the man to a field with a house", "a field with a house"),
        ("replace the background behind the man with a field", "a field"),
        ("add a white background around the dog", "a white background"),
        ("add a white background to the whole image", "a white background"),
        ("add black background", "black background"),
        ("add beach background to the picture", "beach background"),
        ("place the man into the new ice lake background", "the new ice lake background"),
    ],
)
def test_a_background_makes_way_for_another(text, to):
    *_, action = planned(text)
    assert action.kind == "background"
    assert action.to == (to or "a Star Wars background")


def test_what_is_added_to_a_cleared_background_is_added():
    assert kinds("remove the background and put a boat in the background") == ["extract", "add"]


@pytest.mark.parametrize("link", ["from", "around", "behind", "except for"])
def test_a_thing_whose_background_goes_is_left(link):
    (action,) = planned(f"remove the background {link} the dog")
    assert (action.kind, action.targets) == ("extract", ("dog_1",))


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("make the dogs head bigger", ("head_1",)),
        ("make the mans face redder", ("face_1",)),
        ("remove his eyes nose and mouth", ("eyes_1", "nose_1", "mouth_1")),
        ("change the color of the wall from white to blue", ("wall_1",)),
        ("change the colors of the rims from grey to black", ("rims_1",)),
    ],
)
def test_what_is_left_out_in_typing_is_read(text, targets):
    (action,) = planned(text)
    assert action.targets == targets


def test_two_animals_face_each_other():
    scene = scene_of(400, 300, "cat_1 10 10 60 60 cat\ncat_2 100 10 160 60 cat")
    (action,) = planned("make the two cats face each other", scene)
    assert set(action.targets) == {"cat_1", "cat_2"}


def test_two_colours_of_one_thing_are_a_pattern():
    (action,) = planned("make the car red and white")
    assert (action.kind, action.change) == ("modify", "red and white")


@pytest.mark.parametrize(
    "text",
    ["change the number 881 to 960", 'change number from "881" to "960', "change the number on the right to 960"],
)
def test_other_figures_are_written(text):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.prompt) == ("modify", ("number_1",), 'the text "960"')


def test_letters_that_no_mark_closes_are_letters():
    scene = scene_of(400, 300, "text_1 10 10 60 60 text")
    (action,) = planned('remove the text "NYC', scene)
    assert (action.kind, action.targets) == ("remove", ("text_1",))


def test_two_moves_with_a_comma_between():
    scene = scene_of(
        400, 300, "glasses_1 0 0 9 9 glasses\ngun_1 20 0 30 9 gun\ndog_1 50 0 90 90 dog\nrug_1 0 200 90 290 rug"
    )
    first, second = planned("put the glasses on the dog, and the gun on the rug", scene)
    assert (first.targets, first.to.anchors) == (("glasses_1",), ("dog_1",))
    assert (second.targets, second.to.anchors) == (("gun_1",), ("rug_1",))


def test_a_look_that_is_to_match_is_that_look():
    (action,) = planned("change the car to white to match the wall")
    assert (action.kind, str(action.change)) == ("modify", "colour white")


def test_a_little_closer_is_closer():
    (action,) = planned("move the man a little closer to the woman")
    assert (action.kind, action.to.anchors) == ("move", ("woman_1",))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("crop the image", "about the frame"),
        ("zoom in and make the car blue", "about the frame"),
        ("crop the man", "'extract the man' to keep it alone"),
        ("distort the image", "about the frame"),
        ("rotate the picture 90 degrees counter clockwise", "cannot be turned or mirrored as a whole"),
        ("change the background", "What 'the background' is to become is not said"),
        ("change the wall", "What 'the wall' is to become is not said"),
        ("put him into a different background", "What the background is to become is not said"),
        ("the car should be more to the right", "How far to move is not said"),
        ("move the dog to the corner", "Which corner is meant"),
        ("change the woman face", "What 'the woman face' is to become is not said"),
        ("lighten the contrast", "more or less contrast"),
        ("apply a filter to the image", "What 'a filter' is to look like is not said"),
        ("add text at the bottom of the image", "What 'text' is to say is not said"),
        ("add a new background", "What the background is to become is not said"),
        ("add the effect", "What 'the effect' is to look like is not said"),
        ("blur the right side of the image", "a part of the picture"),
        ("remove the tree background", "What is to be kept"),
        ("add a bush here and a tree by the wall", "Where 'here' is"),
        ("remove the people behind the woman and the man", "Whether 'the man' is to go as well"),
        ("remove the people instead of the man", "What 'instead' says"),
    ],
)
def test_what_is_not_said_is_asked(text, why):
    with pytest.raises(NotUnderstood, match=why):
        planned(text)


STREET = scene_of(
    1000,
    700,
    """
    board_1 100 100 300 300 dry erase board
    cat_1 300 400 400 500 cat
    cat_2 420 400 520 500 cat
    girl_1 540 300 600 600 girl
    girl_2 620 300 680 600 girl
    man_1 700 250 780 650 man
    hat_1 710 250 770 290 hat
    sign_1 20 20 80 90 sign
    orange_1 850 600 880 630 orange
    orange_2 890 600 920 630 orange
    wall_1 0 0 1000 90 wall
    shirt_1 700 350 780 480 shirt
    tea_1 820 500 860 540 tea
    hand_1 690 480 710 500 hand
    number_1 30 30 60 60 number
    """,
)


@pytest.mark.parametrize(
    ("text", "kind", "targets"),
    [
        ("remove the dry erase board", "remove", ("board_1",)),
        ("make the girls smile", "modify", ("girl_1", "girl_2")),
        ("make the two cats face one another", "modify", ("cat_1", "cat_2")),
        ("remove the oranges", "remove", ("orange_1", "orange_2")),
        ("change the wall color a little darker", "modify", ("wall_1",)),
        ("Change Hat Color From Black To Red", "modify", ("hat_1",)),
        ("have the man add sugar to the tea", "modify", ("man_1",)),
        ("make the man paint the fence", "modify", ("man_1",)),
        ("change the number 5 to red", "modify", ("number_1",)),
        ("make the man big", "resize", ("man_1",)),
        ("put the man right next to the sign", "move", ("man_1",)),
    ],
)
def test_what_only_looks_hasty_is_read_as_it_stands(text, kind, targets):
    (action,) = planned(text, STREET)
    assert (action.kind, action.targets) == (kind, targets)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("add a sign that says Please Remove Shoes", "a sign that says Please Remove Shoes"),
        ("put a riding crop in his hand", "a riding crop"),
        ("add a poster of the film Turn Red", "a poster of the film Turn Red"),
        ("add a lamp set a foot above the hat", None),
        ('add text at the top that says "MENU"', 'text that says "MENU"'),
        ("add a robot whose arms erase the board", "a robot whose arms erase the board"),
        ("add a filter to the hat", None),
        ("add the text Turn Right Here to the wall", None),
        ("add lights", "lights"),
        ("add more oranges", "more oranges"),
    ],
)
def test_a_name_or_a_remark_begins_no_wish(text, what):
    (action,) = planned(text, STREET)
    assert what is None or action.what == what


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("replace the background with a plain, light background", "a plain, light background"),
        ("create a simple, clean background", "a simple, clean background"),
    ],
)
def test_two_looks_are_one_background(text, to):
    (action,) = planned(text, STREET)
    assert (action.kind, action.to) == ("background", to)


@pytest.mark.parametrize(
    "text", ["Remove the background and add background", "remove the background and make it smile"]
)
def test_what_is_no_other_background_is_asked(text):
    with pytest.raises(NotUnderstood):
        planned(text, scene_of(400, 300, ""))


def test_a_copy_is_pasted_where_it_is_said():
    (action,) = planned("copy the sign and paste it next to the man", STREET)
    assert (action.kind, action.targets, action.to.anchors) == ("duplicate", ("sign_1",), ("man_1",))


def test_letters_on_a_thing_are_told_to_the_painter():
    (action,) = planned('put text on the sign that says "Exit"', STREET)
    assert (action.kind, action.targets, action.change) == ("modify", ("sign_1",), 'with text that says "Exit"')


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("sharpen the contrast", "more contrast"),
        ("saturate the colors", "more vivid colours"),
        ("add an orange overtone", "an orange overtone"),
    ],
)
def test_what_is_done_to_colours_is_done_to_the_picture(text, style):
    (action,) = planned(text, STREET)
    assert (action.kind, action.style) == ("global", style)


def test_a_flaw_of_eyes_is_mended():
    (action,) = planned("remove red eye", scene_of(400, 300, "eyes_1 10 10 60 60 eyes"))
    assert (action.kind, action.targets) == ("modify", ("eyes_1",))


def test_n_is_and_where_it_is_no_letter():
    assert kinds("remove the leash n the dog") == ["remove"]
    (action,) = planned("add the letter N to the car")
    assert action.what == "the letter N"

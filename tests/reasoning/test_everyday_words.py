"""Plain wishes in everyday words: what is said behind a place, what "it" is after a part went, tints, letters, ends."""

import pytest
from scenes import scene_of

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit


def planned(text, scene):
    return plan_explicit(scene, text, painter=True).actions


FACES = scene_of(
    1000,
    700,
    """
    girl_1 100 100 400 600 girl
    nose_1 220 200 260 240 nose
    cheek_1 180 230 210 260 cheek
    drawing_1 222 210 240 230 drawing
    drawing_2 182 235 200 250 drawing
    hair_1 120 100 380 180 hair
    shirt_1 120 300 380 600 shirt
    bowl_1 600 500 800 650 bowl
    """,
)


def test_what_goes_from_a_nose_and_a_cheek_leaves_both():
    (action,) = planned("remove the drawings from the girl's nose and cheek", FACES)
    assert action.kind == "remove"
    assert set(action.targets) == {"drawing_1", "drawing_2"}


@pytest.mark.parametrize(
    ("text", "target", "change"),
    [
        ("add a red tint to the hair", "hair_1", "with a red tint"),
        ("add blue to the shirt", "shirt_1", "with some blue"),
        ("add some red and orange to the hair", "hair_1", "with some red and orange"),
    ],
)
def test_a_tint_is_no_thing(text, target, change):
    (action,) = planned(text, FACES)
    assert (action.kind, action.targets, action.change) == ("modify", (target,), change)


def test_an_orange_is_a_thing():
    (action,) = planned("add an orange to the bowl", FACES)
    assert (action.kind, action.what, action.where.anchors) == ("add", "an orange", ("bowl_1",))


@pytest.mark.parametrize(
    "text", ["add the whole image to the bowl", "add that girl on the right", "add in the new background"]
)
def test_what_is_there_is_not_added(text):
    with pytest.raises(NotUnderstood):
        planned(text, FACES)


def test_a_box_with_letters_on_it_is_a_box():
    (action,) = planned('replace the bowl with the "Blue Ribbon" box', FACES)
    assert (action.kind, action.with_) == ("replace", 'the "Blue Ribbon" box')


def test_the_brightness_of_the_background_is_its_own():
    (action,) = planned("increase the brightness on the background", FACES)
    assert (action.kind, action.to) == ("background", "brighten 30%")


TOWN = scene_of(
    1000,
    700,
    """
    car_1 100 400 400 600 car
    rack_1 180 380 320 400 roof rack
    shirt_1 500 300 600 450 shirt
    logo_1 530 340 570 380 logo
    dog_1 650 500 760 640 dog
    leash_1 640 480 680 520 leash
    garden_1 0 300 1000 700 garden
    sky_1 0 0 1000 250 sky
    castle_1 800 100 960 300 castle
    table_1 450 500 640 650 table
    sofa_1 20 420 90 600 sofa
    sign_1 420 60 520 110 sign
    sea_1 0 250 400 400 stormy sea
    man_1 700 300 780 480 man
    """,
)


@pytest.mark.parametrize(
    ("text", "what", "anchors"),
    [
        ("add a snowman in the garden with a red scarf", "a snowman, with a red scarf", ("garden_1",)),
        ("add a cat on the sofa with green eyes", "a cat, with green eyes", ("sofa_1",)),
        ("add a man on the sofa reading a newspaper", "a man, reading a newspaper", ("sofa_1",)),
        ("add a balloon in the sky above the castle", "a balloon", ("castle_1",)),
        ("add a samovar to the table, next to the man", "a samovar", ("man_1",)),
        ("add a new chair in grey", "a new chair in grey", ()),
    ],
)
def test_what_is_said_behind_a_place_is_said_of_what_is_new(text, what, anchors):
    (action,) = planned(text, TOWN)
    assert (action.kind, action.what, action.where.anchors) == ("add", what, anchors)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("remove the car's roof rack and move it 40 px to the left", "car_1"),
        ("make the car red, remove its roof rack, and move it 40 px to the left", "car_1"),
        ("remove the logo from the shirt and make it blue", "shirt_1"),
        ("remove the dog's leash and make him look happy", "dog_1"),
        ("duplicate the dog and make the copy yellow", "dog_2"),
    ],
)
def test_it_is_what_is_left(text, target):
    *_, action = planned(text, TOWN)
    assert action.targets == (target,)


def test_a_hat_that_went_is_not_the_man():
    with pytest.raises(NotUnderstood, match="no longer there"):
        planned("remove the man's shirt and make it red", TOWN)


def test_the_shade_of_a_new_lamp_is_a_part_of_it():
    _, action = planned("add a lamp on the table, and then make its shade red", TOWN)
    assert (action.kind, action.change) == ("modify", "shade: red")


@pytest.mark.parametrize(
    ("text", "kind", "field", "said"),
    [
        ("replace the stormy sea with a calm one", "replace", "with_", "a calm sea"),
        ("turn the daytime scene into night", "global", "style", "night"),
        ("add a vignette around the edges", "global", "style", "a vignette"),
        ("give the man a longer beard", "modify", "change", "with a longer beard"),
        ("can you pls make the pic brighter its too dark", "global", "style", "brighten 30%"),
        ("wanna see the sofa in sage green", "modify", "change", "colour sage green"),
        ("change the sign so it says Bobs Burgers", "modify", "prompt", 'the text "Bobs Burgers"'),
        ('change the sign to read "Elm Avenue"', "modify", "prompt", 'the text "Elm Avenue"'),
        ("the sign should say closed", "modify", "prompt", 'the text "closed"'),
        ('write "SALE" under the sign', "add", "what", 'the text "SALE"'),
        ("have the dog rear up", "modify", "change", "rear up"),
    ],
)
def test_plain_wishes_in_everyday_words(text, kind, field, said):
    (action,) = planned(text, TOWN)
    assert (action.kind, str(getattr(action, field))) == (kind, said)


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        (
            "add a filter to the entire photo that makes it look like a drawing",
            "style",
            "a filter that makes it look like a drawing",
        ),
        ("add a little darkness", "style", "more darkness"),
        ("add contrast to the image its gonna look better", "style", "more contrast"),
        ("rotate the car ninety degrees clockwise", "degrees", 90.0),
        ("add smoke coming out of this castle", "what", "smoke coming out of this castle"),
        ("add text above the castle saying hello", "what", "text, saying hello"),
        ("add the word view", "what", "the word view"),
        ("add a dinosaur to the garden na", "what", "a dinosaur"),
    ],
)
def test_what_stands_at_the_end_is_read(text, field, said):
    (action,) = planned(text, TOWN)
    assert getattr(action, field) == said


def test_the_same_words_begin_the_next_wish():
    first, second = planned("Insert text Minecraft Insert text Jungle Survival", TOWN)
    assert (first.what, second.what) == ("text Minecraft", "text Jungle Survival")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("delete the background delete the microphone", "What is to be kept"),
        ("make the photo longer", "about the frame"),
        ("remove the microphone saturate", "'saturate' was not understood"),
        ("remove the image from the microphone", "'from' was not understood"),
    ],
)
def test_what_would_do_harm_is_asked(text, why):
    with pytest.raises(NotUnderstood, match=why):
        planned(text, scene_of(400, 300, "microphone_1 10 10 60 200 microphone"))


@pytest.mark.parametrize(
    "text",
    [
        "add a",
        "add the",
        'add "a"',
        "put a",
        "give the dog a",
        "change the dog to be",
        "turn the dog into be",
        "change the sign so that it",
        "remove the background and add background",
        "duplicate the dog and make the copy of the man red",
    ],
)
def test_what_breaks_off_is_one_sentence(text):
    with pytest.raises(NotUnderstood):
        planned(text, TOWN)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("add more blue and less red", "more blue and less red"),
        ("brighten the colors a little", "slightly brighter colours"),
        ("increase the red color slightly", "slightly more red"),
        ("increase the saturation of the reds", "more saturation in the red"),
    ],
)
def test_how_much_and_which_way_is_kept(text, style):
    (action,) = planned(text, TOWN)
    assert (action.kind, action.style) == ("global", style)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("make the sign say members only", 'the text "members only"'),
        ("make the dog look like its going home", "look like its going home"),
        ("make the sign say stop na na", 'the text "stop na na"'),
    ],
)
def test_letters_and_comparisons_are_whole(text, change):
    (action,) = planned(text, TOWN)
    assert action.change == change


@pytest.mark.parametrize(
    ("text", "kinds_of_it"),
    [
        ("remove the background and change the background dog to a cat", ["extract", "replace"]),
        ("remove the background and put the dog on the background", ["extract", "move"]),
        ("remove the background and make the background blue", ["background"]),
    ],
)
def test_a_background_that_is_only_mentioned_makes_none(text, kinds_of_it):
    scene = scene_of(400, 300, "dog_1 250 150 390 290 dog\ncup_1 10 200 60 260 cup")
    assert [action.kind for action in planned(text, scene)] == kinds_of_it

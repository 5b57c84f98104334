"""Instructions as people write them: without a verb, as a description, with the picture as "it"."""

import pytest
from scenes import RIVERSIDE, scene_of

from cielr.errors import Ambiguous, NothingMatches, NotUnderstood
from cielr.reasoning.grammar.reader import lacking_of, plan_explicit

EMPTY = scene_of(800, 600, "")
COUPLE = scene_of(800, 600, "man_1 0 0 90 200 man\nwoman_1 100 0 190 200 woman\ndog_1 200 0 290 200 dog")
SHEEP = scene_of(400, 300, "sheep_1 0 200 90 280 sheep\nsheep_2 150 200 240 280 sheep")


def planned(text, scene=RIVERSIDE, painter=True):
    return plan_explicit(scene, text, painter=painter).actions


# ---------------------------------------------------------------------------------------------------- the whole picture


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("turn it into a watercolour", "a watercolour"),
        ("convert to black and white", "desaturate 100%"),
        ("turn into a castle of ice", "a castle of ice"),
        ("replace with a photograph of a storm", "a photograph of a storm"),
        ("as a pencil sketch", "a pencil sketch"),
        ("as a fresco", "a fresco"),
        ("in the style of a woodcut", "in the style of a woodcut"),
        ("as if it were drawn by a child", "as if it were drawn by a child"),
        ("by Hokusai", "by Hokusai"),
        ("an oil painting", "an oil painting"),
        ("it's a moonlit night", "a moonlit night"),
        ("have a warm summer day", "a warm summer day"),
        ("use pop-art", "pop-art"),
        ("make the colours softer", "colours: softer"),
        ("make the lighting more dramatic", "lighting: more dramatic"),
        ("change the theme to winter sports", "theme: winter sports"),
        ("dehaze the photo", "clear air, without haze"),
        ("improve the sharpness of the image", "sharper, in crisp focus"),
        ("clean up the picture by removing noise", "clean, without noise or grain"),
    ],
)
def test_what_names_no_thing_is_about_the_picture(text, style):
    (action,) = planned(text)
    assert (action.kind, action.style) == ("global", style)


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("put it in the desert", "the desert"),
        ("move to Mars", "Mars"),
        ("move the man to a beach", "a beach"),
        ("move her to a film noir", "a film noir"),
        ("in a gloomy cellar", "a gloomy cellar"),
        ("at an aquarium", "an aquarium"),
        ("have them be in outer space", "outer space"),
        ("add a background of clouds", "a background of clouds"),
        ("have the scenery be a forest", "a forest"),
        ("change the location to Rome", "Rome"),
    ],
)
def test_where_it_is_to_be_is_the_background(text, setting):
    (action,) = planned(text)
    assert (action.kind, action.to) == ("background", setting)


@pytest.mark.parametrize("text", ["remove it", "make it blue", "give it wings", "rotate it by 10 degrees"])
def test_the_picture_is_no_thing_for_all_that(text):
    with pytest.raises(NotUnderstood, match="stands for nothing"):
        planned(text)


def test_a_thing_that_was_named_is_it():
    named = planned("add a cat next to the dog. Turn it into a tiger")
    assert named[1].objects == named[0].makes


# ------------------------------------------------------------------------------------------------------- who they are


def test_them_are_the_people():
    (action,) = planned("make them pirates", COUPLE)
    assert (action.kind, action.objects, action.with_) == ("replace", ("man_1", "woman_1"), "a pirate")
    assert lacking_of(EMPTY, "give them hats", True).labels == ("person",)


def test_them_are_all_there_is_where_that_has_one_name():
    (action,) = planned("turn them into goats", SHEEP)
    assert action.objects == ("sheep_1", "sheep_2")


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("make him a knight", "replace", "a knight"),
        ("make her older", "modify", "older"),
        ("make her a little older", "modify", "a little older"),
        ("make him like a statue", "modify", "like a statue"),
        ("make him red hair", "modify", "with red hair"),
        ("have him wear a kilt", "modify", "wear a kilt"),
        ("set the tower on fire", "modify", "on fire"),
        ("make the tower rusty", "modify", "rusty"),
        ("make the tower Victorian", "modify", "Victorian"),
        ("make the river flow with lava", "modify", "flow with lava"),
        ("make the tower made of copper", "modify", "made of copper"),
        ("make the books candles", "replace", "candles"),
        ("have the dog be a wolf", "replace", "a wolf"),
        ("have the tower be made of glass", "modify", "made of glass"),
        ("have the dog be replaced with a fox", "replace", "a fox"),
        ("instead of a dog, have a fox", "replace", "a fox"),
        ("instead of the dog, make it a fox with a hat", "replace", "a fox with a hat"),
        ("add a fox instead of the dog", "replace", "a fox"),
        ("reshape the tower into a lighthouse", "replace", "a lighthouse"),
    ],
)
def test_what_becomes_of_somebody_is_said_in_many_ways(text, kind, words):
    (action,) = planned(text)
    assert action.kind == kind
    assert (action.with_ if kind == "replace" else action.change).endswith(words)


def test_a_word_that_is_misspelt_is_no_look():
    with pytest.raises(NotUnderstood, match="Did you mean 'brown'"):
        planned("make the dog brwon")


# -------------------------------------------------------------------------------------------------------- descriptions


@pytest.mark.parametrize(
    ("text", "kind", "targets"),
    [
        ("the river is made of lava", "modify", ("river_1",)),
        ("the man is wearing a top hat", "modify", ("man_1",)),
        ("she is holding a clock", "modify", ("woman_1",)),
        ("the dog is now a wolf", "replace", ("dog_1",)),
        ("the dog becomes a wolf", "replace", ("dog_1",)),
        ("the tower is no longer there", "remove", ("tower_1",)),
        ("the tower is to be removed from the picture", "remove", ("tower_1",)),
        ("the dog has been replaced by a fox", "replace", ("dog_1",)),
        ("the dog is black", "modify", ("dog_1",)),
    ],
)
def test_a_description_says_how_it_is_to_be(text, kind, targets):
    (action,) = planned(text)
    assert (action.kind, action.objects) == (kind, targets)


def test_what_somebody_has_is_put_on():
    (action,) = planned("she has tattoos")
    assert (action.kind, action.what, action.where.anchors) == ("add", "tattoos", ("woman_1",))


@pytest.mark.parametrize(
    "text",
    [
        "the dog is brown. Make the tower black",
        "there is a bench by the river. Make the tower black",
        "the dog is too dark",
        "the dog is beside the man",
        "the dog is brown and the man is sad",
        "placed by the river is a man",
    ],
)
def test_what_is_said_of_how_it_is_now_is_no_wish(text):
    with pytest.raises(NotUnderstood):
        planned(text)


# ------------------------------------------------------------------------------------------------------- how it is said


@pytest.mark.parametrize(
    ("text", "kind", "field", "value"),
    [
        ("substituting the dog with a cat", "replace", "with_", "a cat"),
        ("brightening the dog", "modify", "change", "brighten 30%"),
        ("liven up the picture by adding two boats", "add", "what", "two boats"),
        ("clear the shelf by removing the books", "remove", "targets", ("book_1", "book_2")),
        ("remove the books from the top of the shelf", "remove", "targets", ("book_1", "book_2")),
        ("blacken the dog", "modify", "change", "colour black"),
        ("green the tower", "modify", "change", "colour green"),
        ("use a pale blue tone for the tower", "modify", "change", "colour pale blue"),
        ("dye the dog white instead of brown", "modify", "change", "colour white"),
        ("boost the brightness of an image", "global", "style", "brighten 30%"),
        ("give wings to the dog", "add", "what", "wings"),
        ("give the man's left hand a glove", "add", "what", "a glove"),
        ("scatter three leaves on the river", "add", "what", "three leaves"),
        ("purge the books", "remove", "targets", ("book_1", "book_2")),
        ("replace Mr. Frank J. Underwood with a robot", "replace", "with_", "a robot"),
    ],
)
def test_one_wish_in_many_words(text, kind, field, value):
    scene = RIVERSIDE if "Frank" not in text else scene_of(400, 300, "underwood_1 0 0 90 200 mr frank j underwood")
    try:
        (action,) = planned(text, scene)
    except (NothingMatches, Ambiguous) as error:
        pytest.fail(str(error))
    assert (action.kind, getattr(action, field)) == (kind, value)


@pytest.mark.parametrize(
    ("text", "dx", "dy"),
    [
        ("move the dog a little to the left", -40, 0),
        ("move the dog slightly up", 0, -30),
        ("move the dog down a bit", 0, 30),
        ("nudge the dog to the right", 40, 0),
    ],
)
def test_a_little_is_a_twentieth_of_the_picture(text, dx, dy):
    (action,) = planned(text, painter=False)
    assert (action.kind, action.to.relation, action.to.x, action.to.y) == ("move", "by", dx, dy)


@pytest.mark.parametrize(
    ("text", "relation", "anchors"),
    [
        ("add a lamp to his left", "left_of", ("man_1",)),
        ("add a lamp on the tower's right side", "right_of", ("tower_1",)),
    ],
)
def test_a_flank_is_a_place(text, relation, anchors):
    (action,) = planned(text)
    assert (action.where.relation, action.where.anchors) == (relation, anchors)


def test_what_is_to_stay_need_not_be_said():
    (action,) = planned("replace the dog with a cat. Do not change the river. Keep the man as he is")
    assert (action.kind, action.objects) == ("replace", ("dog_1",))
    with pytest.raises(NotUnderstood):
        planned("remove the dog. Keep the man's hat")


# ------------------------------------------------------------------------------------------------------ small everyday


@pytest.mark.parametrize(
    ("text", "kind", "targets"),
    [
        ("remove the man nearest the dog", "remove", ("man_1",)),
        ("turn the dog around", "modify", ("dog_1",)),
        ("swap the books around", "swap", ("book_1", "book_2")),
        ("make the man and the dog swap places", "swap", ("man_1", "dog_1")),
        ("cut out the dog and put it on a white background", "extract", ("dog_1",)),
        ("whiten her hair", "modify", ("woman_1",)),
        ("remove the dog instead of the man", "remove", ("dog_1",)),
    ],
)
def test_small_everyday_wishes(text, kind, targets):
    scene = RIVERSIDE if "hair" not in text else scene_of(400, 300, "woman_1 0 0 90 200 woman\nhair_1 0 0 90 30 hair")
    (action,) = planned(text, scene)
    assert action.kind == kind
    assert action.objects == (("hair_1",) if "hair" in text else targets)


@pytest.mark.parametrize("text", ["duplicate the dog three times", "make three copies of the dog"])
def test_copies_stand_side_by_side(text):
    actions = planned(text, painter=False)
    assert [action.kind for action in actions] == ["duplicate"] * 3
    assert [action.to.x for action in actions] == [100, 200, 300]
    with pytest.raises(NotUnderstood, match="no room for 9 copies"):
        planned(text.replace("three", "nine"), painter=False)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("what if the dog wore a hat?", "modify", "wearing a hat"),
        ("the tower should say 'NORTH GATE'", "modify", 'the text "NORTH GATE"'),
        ("make the tower read 'NORTH GATE'", "modify", 'the text "NORTH GATE"'),
        ("the man should hold an umbrella", "modify", "hold an umbrella"),
        ("can we have mountains in the background?", "add", "mountains"),
        ("could there be a boat on the river?", "add", "a boat"),
        ("put a robot in the place of the man", "replace", "a robot"),
        ("pixelate the dog", "modify", "pixelated"),
        ("lower the brightness of the dog a bit", "modify", "darken 15%"),
    ],
)
def test_questions_and_wishes(text, kind, value):
    (action,) = planned(text)
    assert action.kind == kind
    assert value in (getattr(action, name, None) for name in ("change", "what", "with_"))


def test_copies_stand_where_they_cover_nothing():
    shelf = scene_of(
        400,
        300,
        "cup_1 100 100 140 140 cup\ncup_2 150 100 190 140 cup\ncup_3 50 100 90 140 cup\njar_1 100 150 140 190 jar",
    )
    (action,) = plan_explicit(shelf, "duplicate cup_1").actions
    assert (action.to.x, action.to.y) == (0, -40)


def test_two_goals_of_one_verb_are_two_wishes():
    first, second = planned("change the colour of the dog to white and the tower to blue")
    assert (first.objects, first.change) == (("dog_1",), "colour white")
    assert (second.objects, second.change) == (("tower_1",), "colour blue")


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("move the dog to the shelf", "on"),
        ("move the dog from the river to the man", "next_to"),
        ("move the dog closer to the man", "next_to"),
    ],
)
def test_where_to_is_on_what_bears_and_beside_what_does_not(text, relation):
    (action,) = planned(text, painter=False)
    assert (action.kind, action.objects, action.to.relation) == ("move", ("dog_1",), relation)


def test_what_is_spared_may_be_said_last():
    ground, rest = planned("make everything black and white except the dog", painter=False)
    assert (ground.kind, ground.to) == ("background", "desaturate 100%")
    assert "dog_1" not in rest.objects
    assert len(rest.objects) == len(RIVERSIDE.objects) - 1


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("make it brighter", "brighten 30%"),
        ("make the photo brighter and warmer", "brighter and warmer"),
        ("add falling snow", "with falling snow"),
        ("change the time of day to night", "time of day: night"),
    ],
)
def test_light_and_weather_are_all_over_the_picture(text, style):
    (action,) = planned(text)
    assert (action.kind, action.style) == ("global", style)


def test_the_right_word_is_blamed_for_a_single_length():
    with pytest.raises(NotUnderstood, match="'taller' by an amount"):
        planned("make the dog 20% taller")


CROWD = scene_of(
    800,
    600,
    "man_1 0 0 90 200 man\nman_2 100 0 190 200 man\ndog_1 200 0 290 200 dog\ndog_2 300 0 390 200 dog",
)


@pytest.mark.parametrize("text", ["make them bigger", "give them hats", "turn them into pirates"])
def test_them_are_nobody_where_two_kinds_may_be_meant(text):
    with pytest.raises(NotUnderstood, match="'them' stands for nothing"):
        planned(text, CROWD)


@pytest.mark.parametrize(
    "text",
    [
        "as before",
        "as shown in the picture",
        "in front of the tower",
        "in red",
        "with love",
        "with more contrast",
        "this is a photo of a man",
        "we have a dog",
        "the man in the background",
    ],
)
def test_a_fragment_that_may_mean_anything_is_refused(text):
    with pytest.raises(NotUnderstood):
        planned(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("in black and white", "global"),
        ("in the morning", "global"),
        ("at sunset", "global"),
        ("with a white background", "background"),
        ("add a blurry background", "background"),
    ],
)
def test_a_fragment_speaks_of_all_or_of_what_is_around(text, kind):
    assert [action.kind for action in planned(text)] == [kind]

"""Somebody who is not there yet is added, doing what is said; who is there does it himself; and what "it" is is not
guessed."""

import pytest
from scenes import scene_of

from cielr.core.inflection import present_participle
from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import lacking_of, plan_explicit

STREET = scene_of(
    1000,
    700,
    """
    man_1 100 200 200 600 man
    horse_1 300 300 500 600 horse colour=brown
    van_1 550 350 800 600 van colour=white
    house_1 500 50 900 340 house
    sandwich_1 220 500 260 540 sandwich
    plate_1 210 520 280 560 plate
    mirror_1 820 400 900 600 mirror
    sign_1 920 200 990 300 sign
    clock_1 920 50 990 120 clock
    pants_1 110 400 190 590 pants
    """,
)


def planned(text, scene=STREET):
    return plan_explicit(scene, text, painter=True).actions


@pytest.mark.parametrize(
    ("text", "what", "anchors"),
    [
        ("let a pilot walk next to the van", "a pilot walking", ("van_1",)),
        ("have a gorilla sit on the van", "a gorilla sitting", ("van_1",)),
        ("let a cat lick its paw", "a cat licking its paw", ()),
        ("let a dog stand on its hind legs", "a dog standing on its hind legs", ()),
        ("let a herd of sheep block the van", "a herd of sheep blocking the van", ("van_1",)),
        ("let a spider be on the plate", "a spider", ("plate_1",)),
        ("A parakeet should be sitting on the house", "a parakeet sitting", ("house_1",)),
        ("a cat should be watching the horse", "a cat watching the horse", ("horse_1",)),
        ("could a dog lie next to the man?", "a dog lying", ("man_1",)),
        ("it should be a cake on the plate", "a cake", ("plate_1",)),
        ("could it be a pond next to the house?", "a pond", ("house_1",)),
        ("edit some clouds above the house", "some clouds", ("house_1",)),
        ('place a red warning sign saying "Stop"', 'a red warning sign saying "Stop"', ()),
        ("give him a hat to wear", "a hat", ("man_1",)),
        ("have a monkey drive the van", "a monkey driving the van", ("van_1",)),
        ("have smoke coming out of the house", "smoke coming out of the house", ("house_1",)),
        ("birds should be flying over the house", "birds flying", ("house_1",)),
        ("how about a fountain behind the van?", "a fountain", ("van_1",)),
        ("maybe a hat on the man", "a hat", ("man_1",)),
        ("a spider crawling on the house", "a spider crawling", ("house_1",)),
        ("more trees", "more trees", ()),
        ("tie a ribbon around the horse", "a ribbon", ("horse_1",)),
        ("put a blanket over the horse", "a blanket", ("horse_1",)),
        ("put a dog in the back of the van", "a dog", ("van_1",)),
        ('add a "for sale" sign on the house', 'a "for sale" sign', ("house_1",)),
        ("add a tree in the backround", "a tree", ()),
        ("paint a mural on the side of the house", "a mural", ("house_1",)),
        ("scatter petals over the plate", "petals", ("plate_1",)),
        ("since it's a birthday, add balloons", "balloons", ()),
        ("the street is empty, put a bench next to the house", "a bench", ("house_1",)),
    ],
)
def test_who_is_not_there_yet_is_added(text, what, anchors):
    (action,) = planned(text)
    assert (action.kind, action.what, action.where.anchors) == ("add", what, anchors)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a dog should be removed", ["remove"]),
        ("a dog should be bigger", ["resize"]),
        ("a dog should be black", ["modify"]),
        ("a dog should have a hat", ["modify"]),
        ("close a door on the left", ["modify"]),
        ("make a dog jump out of the van", ["modify"]),
        ("take a dog out of the picture", ["remove"]),
        ("turn the dog in a suit", ["modify"]),
        ("put the dog in the van", ["move"]),
        ("make the dog turn to the camera", ["modify"]),
        ("remake the picture in watercolour", ["global"]),
        ("make it a winter wonderland", ["global"]),
        ("make it a Picasso", ["global"]),
        ("the plain dog should be red. add a hat on the man", ["modify", "add"]),
    ],
)
def test_what_only_looks_like_a_newcomer(text, kinds):
    with_dog = STREET.model_copy(
        update={"objects": (*STREET.objects, *scene_of(1000, 700, "dog_1 10 300 60 360 dog").objects)}
    )
    doored = with_dog.model_copy(
        update={"objects": (*with_dog.objects, *scene_of(1000, 700, "door_1 510 200 560 330 door").objects)}
    )
    assert [action.kind for action in planned(text, doored)] == kinds


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("have a cat seated on the van", "a cat seated"),
        ("add a plane above the house, leaving a trail of smoke", "a plane, leaving a trail of smoke"),
        ("add a dog hiding from the man", "a dog hiding from the man"),
        ("add a bird while keeping everything else the same", "a bird"),
    ],
)
def test_what_a_painter_is_told_of_it(text, what):
    (action,) = planned(text)
    assert (action.kind, action.what) == ("add", what)


def test_nobody_looks_for_who_is_still_to_come():
    assert lacking_of(scene_of(800, 600, ""), "let a penguin look at the horse", painter=True).labels == ("horse",)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("let a horse stand on its hind legs", "stand on its hind legs"),
        ("let the man press a button", "press a button"),
        ("could the man hold a banana?", "hold a banana"),
        ("let the man make a heart sign with his hands", "make a heart sign with his hands"),
        ("have the man be blowing bubbles", "blowing bubbles"),
        ("what if the man was standing?", "standing"),
        ("the horse could be striped", "striped"),
        ("make the man's pants all white", "colour white"),
        ("let the van turn black", "colour black"),
        ("wake up the man", "wake up the man"),
        ("let the man lie on a rug instead of a bed", "lie on a rug"),
        ("have him wear a tuxedo instead", "wear a tuxedo"),
        ("let the sign read ABC 123", 'the text "ABC 123"'),
        ("let the house be made of ice", "made of ice"),
        ("put the man in a red suit", "in a red suit"),
        ("show the man with a cigar", "with a cigar"),
        ("the horse should be more dramatic", "more dramatic"),
        ("take a bite out of the sandwich", "with a bite taken out"),
        ("put the horse in a cage", "in a cage"),
        ("make the horse rainbow colored", "rainbow colored"),
        ('what if the sign said "Go"', 'the text "Go"'),
        ("add stripes to the horse so it looks like a zebra", "with stripes so it looks like a zebra"),
        ("stain the pants with ketchup", "stained with ketchup"),
        ("make the van red like a tomato", "red like a tomato"),
        ("have the man and the horse be different colors", "different colors"),
        ("what if the van was on fire?", "on fire"),
    ],
)
def test_who_is_there_does_it(text, change):
    (action,) = planned(text)
    assert (action.kind, action.change) == ("modify", change)


@pytest.mark.parametrize(
    ("text", "target", "new"),
    [
        ("let the mirror turn into a window", "mirror_1", "a window"),
        ("turn the van in a carriage", "van_1", "a carriage"),
        ("change the clock to a TV", "clock_1", "a TV"),
        ("make it a slice of pizza instead of the sandwich", "sandwich_1", "a slice of pizza"),
        ("put a cake insted of the sandwich", "sandwich_1", "a cake"),
        ("make the mirror hanging on the house a window", "mirror_1", "a window"),
        ("make a carriage out of the van", "van_1", "a carriage"),
        ("change the clock into an orange", "clock_1", "an orange"),
        ("pretend the horse is a unicorn", "horse_1", "a unicorn"),
        ("change the breed of the horse to a shetland pony", "horse_1", "a shetland pony"),
        ("let the man hold an umbrella instead of the sandwich", "sandwich_1", "an umbrella"),
        ("remove the plate and put a bowl there", "plate_1", "a bowl"),
        ("add a lion where the horse is standing", "horse_1", "a lion"),
    ],
)
def test_what_becomes_another_thing(text, target, new):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.with_) == ("replace", (target,), new)


def test_letters_still_go_onto_what_carries_them():
    (action,) = planned("change the sign to a STOP")
    assert action.change == 'the text "STOP"'


def test_a_setting_is_no_thing_and_what_the_sea_has_is_no_setting():
    coast = scene_of(
        1000, 700, "ocean_1 0 400 1000 700 ocean\ntree_1 100 100 200 380 tree\ntree_2 800 100 900 380 tree"
    )
    (action,) = planned("let a forest be the background", coast)
    assert (action.kind, action.to) == ("background", "a forest")
    (action,) = planned("the ocean should have waves", coast)
    assert (action.targets, action.change) == (("ocean_1",), "have waves")
    (action,) = planned("change the trees at the back into palm trees", coast)
    assert action.kind == "replace"


@pytest.mark.parametrize(
    "text",
    [
        "make it a black sheep",
        "make it a pinball machine",
        "replace it with a dog",
        "let it be a single sink",
        "it should be just one cow",
    ],
)
def test_what_is_to_become_a_thing_is_not_guessed(text):
    with pytest.raises(NotUnderstood, match="What is to become"):
        planned(text)


@pytest.mark.parametrize(
    "text",
    [
        "a dog shouldn't be on the van",
        "how about fewer trees",
        "how about a different colour",
        "let's see a smile",
        "black cat sketch",
        "pretend a dog is on the van",
        "tilt the mirror clockwise",
        "give the man something to hold",
        "put something on the plate",
        "make the van the same colour as the house",
        "more cozy",
        "put a bowl there",
    ],
)
def test_what_is_not_said_is_refused(text):
    with pytest.raises(NotUnderstood):
        planned(text)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("pixel art style", "pixel art style"),
        ("nighttime", "nighttime"),
        ("let it be winter", "winter"),
        ("let it snow", "snow falling"),
    ],
)
def test_a_style_needs_no_verb(text, style):
    (action,) = planned(text)
    assert (action.kind, action.style) == ("global", style)


def test_two_things_that_somebody_is_given_are_two():
    hat, bag = planned("give him a hat to wear and a bag to hold")
    assert (hat.what, bag.what) == ("a hat to wear", "a bag to hold")
    assert hat.where.anchors == bag.where.anchors == ("man_1",)


def test_whom_a_pronoun_means():
    _, smiles = planned("add an actress next to the man and make her smile")
    assert smiles.targets == ("actress_1",)
    _, sings = planned("give him a guitar and make him sing")
    assert (sings.targets, sings.change) == (("man_1",), "sing")
    (action,) = planned("the man is wearing pants, make them green")
    assert action.targets == ("pants_1",)


@pytest.mark.parametrize(("look", "outline"), [("taller", "free"), ("look at the sign", "free"), ("striped", "keep")])
def test_what_changes_its_outline_needs_room(look, outline):
    (action,) = planned(f"make the horse {look}")
    assert action.outline == outline


@pytest.mark.parametrize("text", ["make it an oil painting", "turn it into a castle", "make it a sunset"])
def test_a_whole_picture_may_become_another(text):
    (action,) = planned(text)
    assert action.kind in ("global", "background")


@pytest.mark.parametrize(
    ("verb", "gerund"),
    [
        ("sit", "sitting"),
        ("run", "running"),
        ("lie", "lying"),
        ("chase", "chasing"),
        ("look", "looking"),
        ("eat", "eating"),
        ("play", "playing"),
        ("see", "seeing"),
        ("show", "showing"),
        ("stop", "stopping"),
        ("open", "opening"),
        ("box", "boxing"),
        ("cook", "cooking"),
    ],
)
def test_what_somebody_is_doing(verb, gerund):
    assert present_participle(verb) == gerund

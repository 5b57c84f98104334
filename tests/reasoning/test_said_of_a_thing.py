"""What is said of a thing belongs to it: lists of clothes, what it does, what it is made of, and how it is to look."""

import pytest
from scenes import scene_of

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import lacking_of, plan_explicit

ROOM = scene_of(
    1000,
    700,
    """
    table_1 50 380 950 690 table
    sofa_1 500 300 900 600 sofa
    man_1 100 100 200 400 man
    dog_1 250 300 330 420 dog
    car_1 350 300 480 420 car
    trunk_1 700 100 760 370 trunk
    mirror_1 600 10 700 90 mirror
    sign_1 300 100 380 160 sign
    text_1 310 110 370 150 text colour=black
    """,
)
EMPTY = scene_of(800, 600, "")


def planned(text, scene=ROOM):
    return plan_explicit(scene, text, painter=True).actions


def looked_for(text):
    return lacking_of(EMPTY, text, painter=True).labels


@pytest.mark.parametrize(
    "text",
    [
        "extract the waiter wearing a light blue suit, red tie, and glasses",
        "remove the waiter in a suit and hat",
        "remove the waiter wearing a suit, a tie and glasses",
        "remove the waiter with a hat, a beard and glasses",
    ],
)
def test_what_somebody_wears_is_no_thing_of_its_own(text):
    targets = [item.noun for item in targets_of(text)]
    assert targets == [("waiter",)]


@pytest.mark.parametrize(
    "text",
    [
        "remove the waiter wearing a red dress, blue shoes and the dog",
        "remove the waiter with the hat and the dog",
        "remove the waiter in a suit and the dog",
        "remove the waiter in a suit and a dog",
    ],
)
def test_what_has_an_article_of_its_own_is_one(text):
    assert [item.noun for item in targets_of(text)] == [("waiter",), ("dog",)]


def targets_of(text):
    from cielr.reasoning.grammar.nouns.parser import label_table
    from cielr.reasoning.grammar.sentences.one_verb import wishes_of
    from cielr.reasoning.grammar.words.clauses import clauses_of

    (clause,) = clauses_of(text)
    (wish,) = wishes_of(clause, label_table(()))
    return wish.targets.items


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("remove the old running shoes", "old running shoe"),
        ("make the old sleeping bag red", "old sleeping bag"),
        ("make the fat smiling clown thin", "fat smiling clown"),
    ],
)
def test_a_name_goes_on_after_an_adjective(text, label):
    assert looked_for(text) == (label,)


def test_what_a_new_thing_does_is_painted_and_where_it_stands_is_not():
    (action,) = planned("add a person standing next to the car, looking inside, wearing casual clothes")
    assert action.what == "a person standing, looking inside, wearing casual clothes"
    assert action.where.anchors == ("car_1",)


@pytest.mark.parametrize(
    ("text", "what", "anchors"),
    [
        ("add a cat to this image", "a cat", ()),
        ("add a cat to the picture next to the dog", "a cat", ("dog_1",)),
        ("add a cat in the image on the sofa", "a cat", ("sofa_1",)),
        ("what if there was a flower on the table?", "a flower", ("table_1",)),
        ("what if there were two cats on the sofa?", "two cats", ("sofa_1",)),
        ("place half a lemon on the table", "half a lemon", ("table_1",)),
    ],
)
def test_the_picture_itself_is_no_place(text, what, anchors):
    (action,) = planned(text)
    assert (action.kind, action.what, action.where.anchors) == ("add", what, anchors)


@pytest.mark.parametrize(("word", "relation"), [("before", "left_of"), ("after", "right_of")])
def test_letters_stand_in_a_line(word, relation):
    (action,) = planned(f'add "NEW" {word} "TEXT"')
    assert (action.what, action.where.relation, action.where.anchors) == ('"NEW"', relation, ("text_1",))


def test_what_something_stands_on_instead_takes_the_place_of_what_it_stood_on():
    (action,) = planned("place the dog on top of a rock instead of the trunk")
    assert (action.kind, action.targets, action.with_) == ("replace", ("trunk_1",), "a rock")
    (action,) = planned("put the dog on the sofa instead of the table")
    assert (action.kind, action.targets, action.to.anchors) == ("move", ("dog_1",), ("sofa_1",))


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("make the mirror ornate with intricate carvings", "ornate with intricate carvings"),
        ("make the dog howl at the moon", "howl at the moon"),
        ("make the man obese", "obese"),
        ("rebuild the car with solid wood panels", "made of solid wood panels"),
        ("remake the table out of marble", "made of marble"),
    ],
)
def test_how_a_thing_is_to_look(text, change):
    (action,) = planned(text)
    assert (action.kind, action.change) == ("modify", change)


def test_letters_are_written_also_where_they_are_called_characters():
    (action,) = planned('write the characters "ABC" on the sign')
    assert (action.targets, action.change) == (("sign_1",), 'the text "ABC"')


@pytest.mark.parametrize(("sense", "degrees"), [("clockwise", 90), ("counterclockwise", -90)])
def test_clockwise_alone_is_a_quarter_turn(sense, degrees):
    for verb in ("rotate", "turn"):
        (action,) = planned(f"{verb} the car {sense}")
        assert (action.kind, action.degrees) == ("turn", degrees)


@pytest.mark.parametrize(
    "text",
    [
        "let the total number of the dogs from two to zero",
        "rotate the car",
        "rotate the car to the left",
    ],
)
def test_what_is_not_said_is_not_made_up(text):
    with pytest.raises(NotUnderstood):
        planned(text)

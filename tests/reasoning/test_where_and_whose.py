"""Places in the picture, what somebody wears, whose a part is, and what one wish of a chain says of another."""

import pytest
from scenes import scene_of

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import lacking_of, plan_explicit

PARK = scene_of(
    1000,
    700,
    """
    man_1 100 200 220 600 man
    shirt_1 110 280 210 420 shirt colour=black
    child_1 300 350 380 600 child
    top_1 310 400 370 500 top colour=pink
    dog_1 420 480 560 600 dog
    bird_1 860 60 920 110 bird
    bush_1 20 620 140 700 bush
    bench_1 600 450 780 600 bench
    hat_1 120 170 200 210 hat
    book_1 620 430 680 460 book
    shelf_1 820 300 990 340 shelf
    cup_1 640 400 670 440 cup
    toy_1 350 470 400 510 toy
    tree_1 800 100 990 600 tree
    head_1 120 200 200 280 head
    flower_1 125 195 140 215 flower
    """,
)


def planned(text, scene=PARK):
    return plan_explicit(scene, text, painter=True).actions


@pytest.mark.parametrize(
    ("text", "x", "y"),
    [
        ("add a kite on the left side of the image", 0.2, 0.5),
        ("add a boat at the bottom of the picture", 0.5, 0.8),
        ("add clouds at the top of the photo", 0.5, 0.2),
        ("put a fountain in the middle of the image", 0.5, 0.5),
        ("add a lamp on the right side of the frame", 0.8, 0.5),
        ("add a path along the right side of the image", 0.8, 0.5),
        ("add a railway track across the bottom", 0.5, 0.8),
        ("add a person in pink clothing with a yellow balloon to the left side of the scene", 0.2, 0.5),
    ],
)
def test_a_side_of_the_picture_is_a_place(text, x, y):
    (action,) = planned(text)
    assert action.kind == "add"
    assert (action.where.relation, action.where.x, action.where.y) == ("at", x, y)


def test_a_place_of_a_thing_that_is_called_a_picture_is_at_that_thing():
    scene = scene_of(400, 300, "frame_1 100 50 300 200 frame")
    (action,) = planned("add a star in the center of the frame", scene)
    assert action.where.anchors == ("frame_1",)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("remove the bush from the bottom of the image", "bush_1"),
        ("remove the bird from the right side", "bird_1"),
        ("remove the cup from behind the book", "cup_1"),
        ("remove the child in a pink top", "child_1"),
        ("remove the toy the child is holding", "toy_1"),
        ("remove the flower from the right side of the man's head", "flower_1"),
    ],
)
def test_from_says_where_a_thing_is(text, target):
    (action,) = planned(text)
    assert (action.kind, action.targets) == ("remove", (target,))


def test_what_somebody_has_on_is_no_place():
    (action,) = planned("move the man in the black shirt closer to the bench")
    assert (action.kind, action.targets, action.to.anchors) == ("move", ("man_1",), ("bench_1",))


@pytest.mark.parametrize(
    ("text", "anchors"),
    [
        ("move the cup to the left side of the book", ("book_1",)),
        ("change the position of the cup to the left of the book", ("book_1",)),
        ("adjust the position of the cup to be next to the book", ("book_1",)),
    ],
)
def test_the_position_of_a_thing_is_where_it_is(text, anchors):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.to.anchors) == ("move", ("cup_1",), anchors)


@pytest.mark.parametrize(
    "text",
    [
        "shift the position of the bird in the sky",
        "move the dog to a new position",
        "move the dog closer to the viewer",
        "shift the image perspective to the right side",
        "reposition the dog to show movement",
    ],
)
def test_where_nothing_is_to_go_is_asked(text):
    with pytest.raises(NotUnderstood):
        planned(text)


def test_in_rows_is_how_things_stand():
    (action,) = planned("add white chairs with red cushions in rows")
    assert action.what.endswith("in rows")


def test_who_is_on_the_ground_does_something_and_not_the_ground():
    scene = scene_of(400, 300, "ground_1 0 200 400 300 ground")
    (action,) = planned("add a gardener on the ground spraying water with a hose", scene)
    assert action.where.anchors == ("ground_1",)
    assert action.what == "a gardener, spraying water with a hose"


@pytest.mark.parametrize("text", ["put his arm around the dog", "position the man's hand on the bench"])
def test_a_limb_is_posed_and_not_moved(text):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.outline, action.change) == ("modify", ("man_1",), "free", text)


def test_the_background_of_a_sign_is_that_of_the_sign():
    (wanted,) = lacking_of(
        scene_of(400, 300, "sign_1 10 10 90 90 sign"), "make the background of the sign blue", True
    ).parts
    assert (wanted[0].head, wanted[1]) == ("sign", ("background",))


def test_a_background_that_is_described_is_the_background():
    (action,) = planned("replace the blurred green background with a park")
    assert (action.kind, action.to) == ("background", "a park")


# ------------------------------------------------------------------------------------------------------- in a chain


@pytest.mark.parametrize(
    "text", ["take the hat off the man and put it on the child", "remove the hat and put it on the child"]
)
def test_what_is_taken_and_put_elsewhere_is_moved(text):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.to.anchors) == ("move", ("hat_1",), ("child_1",))


def test_the_new_one_takes_the_place_of_what_was_removed():
    (action,) = planned("remove the old bench and put in a new one in grey velvet")
    assert (action.kind, action.targets, action.with_) == ("replace", ("bench_1",), "a new bench in grey velvet")
    assert action.makes == ("bench_2",)


@pytest.mark.parametrize(
    ("text", "owner", "parts"),
    [
        ("have the man wear a suit and remove his backpack", "man", ("backpack",)),
        ("make the girl laugh, close her eyes", "girl", ("eye",)),
        ("change the background to a jungle, and put a parrot on his shoulder", "man", ("shoulder",)),
    ],
)
def test_the_parts_of_somebody_who_was_named_before_are_looked_for(text, owner, parts):
    ((phrase, names),) = lacking_of(scene_of(400, 300, "man_1 10 10 90 290 man"), text, True).parts
    assert (phrase.head, names) == (owner, parts)


def test_part_of_what_is_made_is_told_to_the_painter():
    made, changed = planned("add an owl on the tree, then make the owl's eyes orange")
    assert (changed.targets, changed.change) == (made.makes, "eyes: orange")
    _, changed = planned("add an owl on the tree and make its eyes bigger")
    assert (changed.kind, changed.change) == ("modify", "eyes: larger")


def test_none_of_several_that_are_painted_together_is_picked():
    with pytest.raises(NotUnderstood, match="painted together"):
        planned("add three lanterns above the bench, make the middle one red")


def test_both_of_two_names_are_one_each():
    (action,) = planned("remove both the cup and the book")
    assert action.targets == ("cup_1", "book_1")


def test_a_tree_and_its_branches_are_looked_for_together():
    ((owner, parts),) = lacking_of(PARK, "remove the tree and its branches", True).parts
    assert (owner.head, parts) == ("tree", ("branch",))


def test_a_stump_that_is_left_is_not_dropped():
    with pytest.raises(NotUnderstood):
        planned("cut the tree down and leave a stump")


def test_a_reason_of_ones_own_is_no_thing():
    (action,) = planned("remove the cup, i hate it")
    assert action.targets == ("cup_1",)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("I don't want the bird there", "bird_1"),
        ("no more bushes please", "bush_1"),
        ("wipe the flower off the man", "flower_1"),
        ("strip the flower off the man", "flower_1"),
    ],
)
def test_other_words_for_removing(text, target):
    (action,) = planned(text)
    assert (action.kind, action.targets) == ("remove", (target,))


def test_what_is_in_a_new_thing_goes_with_it():
    (action,) = planned("add a pond on the bench with koi fish in it")
    assert (action.what, action.where.anchors) == ("a pond, with koi fish in it", ("bench_1",))


def test_two_things_are_put_on_somebody():
    crown, cape = planned("put a crown on the dog, and a cape too")
    assert (crown.what, cape.what) == ("a crown", "a cape")
    assert crown.where.anchors == cape.where.anchors == ("dog_1",)


def test_his_is_somebody_and_not_what_he_was_given():
    scene = scene_of(400, 300, "man_1 10 10 90 290 man\nneck_1 30 60 60 80 neck")
    _, scarf = planned("add a hat on the man and a scarf around his neck", scene)
    assert scarf.where.anchors == ("neck_1",)


def test_the_sky_does_something_too():
    (action,) = planned("have lightning hit the tree")
    assert (action.kind, action.what, action.where.anchors) == ("add", "lightning hitting the tree", ("tree_1",))


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("put a crown on the dog, then make its head bigger", "head_1"),
        ("put a ball in the girl's hand and make her read it", "girl_1"),
    ],
)
def test_its_and_her_are_who_can_have_it(text, target):
    scene = scene_of(
        400, 300, "dog_1 10 100 120 290\nhead_1 20 100 80 150\ngirl_1 200 50 300 290\nhand_1 210 150 230 170"
    )
    wholes = {"head_1": "dog_1", "hand_1": "girl_1"}
    things = tuple(thing.model_copy(update={"part_of": wholes.get(thing.id)}) for thing in scene.objects)
    *_, action = planned(text, scene.model_copy(update={"objects": things}))
    assert action.targets == (target,)


def test_them_are_all_that_were_given_or_who_stand_together():
    *given, green = planned("give the man a scarf and a crown, make both of them green")
    assert green.targets == tuple(name for action in given for name in action.makes)
    scene = scene_of(400, 300, "girl_1 10 100 120 290 girl")
    boy, dancing = planned("add a boy next to the girl and let them dance", scene)
    assert dancing.targets == (*boy.makes, "girl_1")


def test_another_of_the_same_kind_has_its_name():
    first, second = planned("add a white horse on the bench and a brown one behind it")
    assert (first.what, second.what) == ("a white horse", "a brown horse")
    assert second.where.anchors == first.makes


@pytest.mark.parametrize(
    ("text", "kind", "anchors", "what"),
    [
        ("add some fog over the bench", "on", ("bench_1",), "some fog"),
        ("add a ladder leaning against the tree", "in_front_of", ("tree_1",), "a ladder leaning"),
        ("add a car behind the bench with its lights on", "behind", ("bench_1",), "a car, with its lights on"),
        ("add a zipper to the front of the shirt", "on", ("shirt_1",), "a zipper"),
        ("introduce a scooter ahead of the dog", "in_front_of", ("dog_1",), "a scooter"),
    ],
)
def test_how_something_new_stands_to_what_is_there(text, kind, anchors, what):
    (action,) = planned(text)
    assert (action.where.relation, action.where.anchors, action.what) == (kind, anchors, what)


def test_a_car_that_comes_from_the_left_is_there():
    (action,) = planned("add a car coming from the left")
    assert (action.where.relation, action.where.x) == ("at", 0.2)


def test_what_was_there_is_replaced_by_other_words():
    for text in (
        "remove the cup and replace it with a bowl",
        "remove the cup and put a bowl there instead",
        "remove the cup and put a bowl where it was",
    ):
        (action,) = planned(text)
        assert (action.kind, action.targets, action.with_) == ("replace", ("cup_1",), "a bowl")


def test_what_somebody_wears_is_one_description():
    scene = scene_of(
        400, 300, "child_1 10 50 120 290\nshorts_1 15 200 110 240 shorts\ntop_1 15 100 110 190 top colour=pink"
    )
    (action,) = planned("remove the child in shorts and a pink top", scene)
    assert action.targets == ("child_1",)


@pytest.mark.parametrize(
    "text",
    [
        "give the clown a balloon and make him laugh",
        "put a hat on the clown and make him dance",
        "give the clown a scarf and a hat and make him smile",
    ],
)
def test_who_is_given_something_is_he(text):
    *_, action = planned(text, scene_of(400, 300, "clown_1 10 50 120 290 clown"))
    assert (action.kind, action.targets) == ("modify", ("clown_1",))


def test_who_is_put_somewhere_is_he():
    elf, waves = planned("put an elf on the shelf and make him wave")
    assert waves.targets == elf.makes

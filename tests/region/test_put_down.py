"""What one action puts over a thing, and what another leaves of the picture."""

import numpy as np
import pytest
from round_things import COIN, disc, regions_of, scene
from things import boxed, scene_with
from things import masked as thing

from cielr.actions import Add, Extract, Modify, Move, Place, Plan
from cielr.errors import EditError
from cielr.region import alpha_left, regions, stretches

WIDTH, HEIGHT = 140, 90
TABLE = scene_with(
    boxed("cup_1", (20, 30, 40, 60), WIDTH, HEIGHT),
    boxed("phone_1", (90, 40, 120, 70), WIDTH, HEIGHT),
)
SCENE = scene_with(
    *(boxed(name, (x, 20, x + 20, 40), 200, 60) for name, x in (("cup_1", 10), ("plate_1", 90), ("spoon_1", 150)))
)


def by(name, x=0, y=0):
    return Move(targets=(name,), to=Place(relation="by", x=x, y=y))


DOWN = by("plate_1", y=15)


@pytest.mark.parametrize(
    ("actions", "number"),
    [
        ((by("spoon_1", x=-60), DOWN), 2),
        ((by("spoon_1", x=-60), by("cup_1", y=5), DOWN), 3),
        ((by("spoon_1", x=-51), DOWN), 2),
    ],
)
def test_what_lies_under_something_that_was_put_over_it_cannot_be_carried_on(actions, number):
    with pytest.raises(EditError, match=rf"^Action {number} \(move\) would carry away what action 1 put over plate_1;"):
        regions(Plan(actions=actions), SCENE)


@pytest.mark.parametrize(
    "actions",
    [
        (by("spoon_1", x=-50), DOWN),
        (by("spoon_1", x=-60), by("spoon_1", x=60), DOWN),
        (by("spoon_1", x=-60), by("cup_1", y=5)),
    ],
)
def test_what_is_half_free_or_free_again_can_be(actions):
    assert len({region.index for region in regions(Plan(actions=actions), SCENE)}) == len(actions)


def moved_to(name, x, y):
    return Move(targets=(name,), to=Place(relation="at", x=x / WIDTH, y=y / HEIGHT))


def test_two_moves_that_trade_places_are_refused_with_what_would_do_it():
    there, back = moved_to("cup_1", 105, 55), moved_to("phone_1", 30, 45)
    with pytest.raises(EditError, match=r"Action 2 \(move\) would carry away what action 1 put over phone_1; .*swap"):
        regions(Plan(actions=(there, back)), TABLE)
    aside = by("cup_1", x=10)
    assert len(regions(Plan(actions=(aside, aside)), TABLE)) == 2


def test_moves_that_trade_places_are_refused_before_anything_is_painted_where_something_is_drawn_between_them():
    there, back = moved_to("cup_1", 105, 55), moved_to("phone_1", 30, 45)
    drawn = Add(what="a bell", where=Place(relation="at", x=70 / WIDTH, y=20 / HEIGHT), size="small")
    later = Modify(targets=("bell_1",), change="colour yellow")
    assert len(stretches(Plan(actions=(there, drawn, later)), TABLE)) == 2
    for plan in ((there, drawn, later, back), (drawn, later, there, back), (drawn, there, later, back)):
        number = plan.index(there) + 1
        with pytest.raises(EditError, match=rf"Action 4 .* carry away what action {number} put over phone_1"):
            stretches(Plan(actions=plan), TABLE)
    # carried on from where it was put, it is free again
    aside = moved_to("cup_1", 75, 20)
    assert len(stretches(Plan(actions=(there, drawn, later, aside, back)), TABLE)) == 2


def test_what_is_not_drawn_yet_is_held_against_nothing_that_is_put_over_its_place():
    drawn = Add(what="a bell", where=Place(relation="at", x=70 / WIDTH, y=20 / HEIGHT), size="small")
    plan = Plan(actions=(drawn, moved_to("cup_1", 70, 20), moved_to("bell_1", 30, 60)))
    assert [part.waits_for for part in stretches(plan, TABLE)] == [(), ("bell_1",)]


def test_of_an_extracted_thing_all_is_opaque_and_the_rest_clear_but_for_its_soft_edge():
    of = scene(thing("coin_1", COIN), thing("cup_1", disc(220, 200, 30)))
    cut = regions_of(Extract(targets=("coin_1",)), of=of)
    alpha = alpha_left(cut, 300, 300)
    assert (alpha[COIN] == 1).all()
    assert (alpha[~disc(100, 100, 43)] == 0).all()
    rim = alpha[disc(100, 100, 43) & ~COIN]
    assert ((rim >= 0) & (rim < 1)).all()
    assert rim.max() > 0
    # of two that are extracted one after the other only what both leave stays
    assert np.array_equal(alpha_left([*cut, *cut], 300, 300), alpha)
    assert alpha_left(regions_of(Extract(targets=("coin_1",), ground="white"), of=of), 300, 300) is None

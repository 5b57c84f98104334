"""One verb for two things, and several new things for several old ones."""

import pytest
from scenes import scene_of

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import lacking_of, plan_explicit

ROOM = scene_of(
    800,
    600,
    """
    man_1 100 200 180 500 man
    woman_1 220 210 290 500 woman
    dog_1 330 420 430 500 dog
    dog_2 500 420 600 500 dog
    tv_1 620 20 780 120 tv
    painting_1 300 20 400 120 painting
    window_1 450 20 550 200 window
    """,
)


def planned(text, painter=True):
    return plan_explicit(ROOM, text, painter=painter).actions


def told(actions):
    return [
        (action.kind, action.targets, getattr(action, "change", None) or getattr(action, "with_", ""))
        for action in actions
    ]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "replace the tv with a fireplace and the painting with a mirror",
            [("replace", ("tv_1",), "a fireplace"), ("replace", ("painting_1",), "a mirror")],
        ),
        (
            "replace the tv with a fireplace, the painting with a mirror, and the woman with a nun",
            [
                ("replace", ("tv_1",), "a fireplace"),
                ("replace", ("painting_1",), "a mirror"),
                ("replace", ("woman_1",), "a nun"),
            ],
        ),
        (
            "make the man older and the woman younger",
            [("modify", ("man_1",), "older"), ("modify", ("woman_1",), "younger")],
        ),
        (
            "make the man wear a hat and the woman smile",
            [("modify", ("man_1",), "wear a hat"), ("modify", ("woman_1",), "smile")],
        ),
        (
            "make the dogs sleep and the people dance",
            [("modify", ("dog_1", "dog_2"), "sleep"), ("modify", ("man_1", "woman_1"), "dance")],
        ),
        (
            "turn the man into a woman and the woman into a man",
            [("replace", ("man_1",), "a woman"), ("replace", ("woman_1",), "a man")],
        ),
        (
            "turn the left dog into a cat and the right one into a rabbit",
            [("replace", ("dog_1",), "a cat"), ("replace", ("dog_2",), "a rabbit")],
        ),
        (
            "replace the two dogs with a cat and a rabbit",
            [("replace", ("dog_1",), "a cat"), ("replace", ("dog_2",), "a rabbit")],
        ),
        ("replace the tv with a fox and a hen", [("replace", ("tv_1",), "a fox and a hen")]),
    ],
)
def test_each_thing_gets_what_is_said_of_it(text, steps):
    assert told(planned(text)) == steps


def test_a_size_and_a_look_may_share_their_verb():
    first, second = planned("make the man wear a hat and the window bigger")
    assert (first.kind, first.targets, first.change) == ("modify", ("man_1",), "wear a hat")
    assert (second.kind, second.targets, second.scale) == ("resize", ("window_1",), 1.5)


def test_the_eyes_look_for_both():
    empty = scene_of(800, 600, "")
    wanted = lacking_of(empty, "replace the kite with a balloon and the boat with a raft", painter=True)
    assert wanted.labels == ("kite", "boat")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("replace the two dogs with a cat, a rabbit and a fox", "3 things for 2"),
        ("make the dogs bigger, but the left dog more", "'more' is a matter of taste"),
    ],
)
def test_what_does_not_come_out_even_is_refused(text, why):
    with pytest.raises(NotUnderstood, match=why):
        planned(text)


def test_without_a_painter_each_half_is_refused_for_its_own_sake():
    with pytest.raises(NotUnderstood, match="connect an inpainter"):
        planned("replace the tv with a fireplace and the painting with a mirror", painter=False)

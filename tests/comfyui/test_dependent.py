"""A plan whose actions build on one another: looked at again between them, cached one by one, equal to the engine."""

import itertools

import pytest

from tests.comfyui.planned import CHAIN, by_engine, eyes_and_painter, planned, same_as, with_eyes
from tests.comfyui.world import picture

NUMBERS = itertools.count(5000)


@pytest.fixture
def prompt(shelf):
    image, seed = picture(seed=next(NUMBERS)), next(NUMBERS)

    def made(*actions):
        return with_eyes(planned(shelf, image, actions, seed))

    made.image, made.seed = image, seed
    return made


def test_five_dependent_actions_run_and_are_the_engine_s_own_bytes(comfy, prompt):
    run = comfy.check(prompt(*CHAIN))
    same_as(comfy, run, prompt.image, by_engine(prompt.image, CHAIN, prompt.seed, **eyes_and_painter()))


def test_changing_the_last_action_runs_its_chain_alone(comfy, prompt):
    comfy.check(prompt(*CHAIN))
    last = {**CHAIN[4], "change": "colour blue"}
    run = comfy.check(prompt(*CHAIN[:4], last))
    chains = {
        name for name in run.executed if name.startswith("edit.") and name.endswith((".crop", ".paint", ".stitch"))
    }
    assert chains, "the last action's chain runs"
    assert all(".later2." in name for name in chains), chains
    stretches = {part for name in run.executed for part in name.split(".") if part.startswith("later")}
    assert stretches == {"later2"}

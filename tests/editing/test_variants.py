"""Several variants of an edit: each exact outside its regions, each chosen again by its seeds, byte for byte."""

import numpy as np
import pytest
from discs import masks, picture, scene

import cielr
from cielr.actions import Modify, Plan, Remove, Replace
from cielr.core.geometry import Mask
from cielr.editing.variants import MOST, Choice, variant_of, variant_seed

GOAT = Replace(targets=("disc_1",), with_="a goat")
GONE = Remove(targets=("disc_2",))
DARKER = Modify(targets=("disc_3",), change="darken 20%")


class Grain:
    """Paints grain by its seed."""

    def __init__(self):
        self.calls = 0

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        self.calls += 1
        for done in range(3):
            if on_step is not None:
                on_step(done, 2)
        return np.random.default_rng(seed).integers(0, 256, image.shape).astype(image.dtype)


def edit(*actions, image=None, painter=None, **more):
    plan = Plan(actions=actions)
    photo = picture() if image is None else image
    return cielr.edit(photo, plan=plan, scene=scene(), inpainter=painter or Grain(), **more)


def outside(result):
    return ~Mask.union([region.support for region in result.regions], *result.image.shape[:2]).to_array()


def test_the_first_variant_is_the_edit_without_any_and_nothing_outside_changes_in_any_of_them():
    plain = edit(GOAT, GONE, seed=3)
    result = edit(GOAT, GONE, seed=3, variants=3)
    assert plain.variants == ()
    assert np.array_equal(result.image, plain.image)
    assert [len(single.seeds) for single in result.variants] == [2, 2, 2]
    assert len({seed for single in result.variants for seed in single.seeds}) == 6
    for single in result.variants:
        assert np.array_equal(single.image[outside(single)], picture()[outside(single)])
        assert single.plan == result.plan
    pictures = [single.image.tobytes() for single in result.variants]
    assert len(set(pictures)) == 3


@pytest.mark.parametrize("number", range(3))
def test_a_variant_is_chosen_by_its_seeds(number):
    wanted = edit(GOAT, GONE, DARKER, seed=4, variants=3).variants[number]
    for choice in (wanted.seeds, ", ".join(map(str, wanted.seeds))):
        kept = edit(GOAT, GONE, DARKER, seed=4, choice=choice)
        assert np.array_equal(kept.image, wanted.image)
        assert kept.notices == ()


def test_of_each_region_another_can_be_kept():
    result = edit(GOAT, GONE, seed=5, variants=3)
    mixed = edit(GOAT, GONE, seed=5, choice=[result.variants[2].seeds[0], result.variants[1].seeds[1]])
    goat, gone = (masks()[name] for name in ("disc_1", "disc_2"))
    assert np.array_equal(mixed.image[goat], result.variants[2].image[goat])
    assert np.array_equal(mixed.image[gone], result.variants[1].image[gone])
    assert not np.array_equal(mixed.image[goat], result.image[goat])


def test_of_a_photo_with_transparency_alpha_goes_along_and_all_else_stays():
    alpha = np.full((200, 240, 1), 255, np.uint8)
    alpha[180:] = 0
    alpha[masks()["disc_2"]] = 120
    photo = np.concatenate([picture(), alpha], axis=2)
    result = edit(GOAT, GONE, image=photo, seed=6, variants=2)
    for single in result.variants:
        same = outside(single)
        assert np.array_equal(single.image[same], photo[same][:, :3])
        assert np.array_equal(single.alpha[same], photo[same][:, 3])
        assert (single.alpha[masks()["disc_2"]] == 255).all()
    second = result.variants[1]
    assert np.array_equal(edit(GOAT, GONE, image=photo, seed=6, choice=second.seeds).image, second.image)


def test_each_variant_is_looked_at_and_painted_again_as_one_edit_is():
    glass = Modify(targets=("disc_3",), change="made of glass")
    painter = Grain()
    result = edit(GOAT, DARKER, glass, painter=painter, seed=7, attempts=3, variants=2)
    alone = [edit(GOAT, DARKER, glass, seed=7, attempts=3, choice=single.seeds) for single in result.variants]
    for single, one in zip(result.variants, alone, strict=True):
        assert single.checks == one.checks
        assert np.array_equal(single.image, one.image)
    assert painter.calls == sum(1 for single in result.variants for check in single.checks if check.action != 1)


def test_the_regions_of_an_action_that_is_looked_at_are_kept_together():
    both = Replace(targets=("disc_1", "disc_3"), with_="a goat")
    first, second = edit(both, seed=8, attempts=2, variants=2).variants
    assert len(first.seeds) == 2
    kept = edit(both, seed=8, attempts=2, choice=[second.seeds[0]])
    assert kept.seeds == second.seeds
    apart = edit(both, seed=8, choice=[second.seeds[0]])
    assert apart.seeds == (second.seeds[0], first.seeds[1])


def test_what_code_does_has_one_variant_and_says_so():
    result = edit(DARKER, variants=4)
    assert len(result.variants) == 1
    assert result.notices == ("Code alone carries this out, the same each time, so there is one variant.",)
    assert result.seeds == ()


def test_in_a_variant_of_an_action_with_code_beside_it_only_what_is_painted_gets_another_seed():
    goat, darker = edit(GOAT, DARKER, seed=4).regions
    assert variant_of(darker, 3) == darker
    assert variant_of(goat, 0) == goat
    assert variant_of(goat, 3) == goat.model_copy(update={"seed": variant_seed(goat.seed, 3)})


def test_progress_of_several_goes_from_nothing_to_all_once():
    told = []
    edit(GOAT, variants=3, on_event=lambda event: told.append(event) if event.step == "edit" else None)
    fractions = [event.fraction for event in told]
    rounded = [round(fraction, 1) for fraction in fractions]
    assert rounded == sorted(rounded)
    assert fractions[-1] == 1.0


def test_a_seed_that_no_region_has_is_told():
    result = edit(GOAT, choice="12")
    assert result.notices == ("No region has a variant with the seed 12, so nothing was chosen by it.",)
    assert np.array_equal(result.image, edit(GOAT).image)


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("'choice' holds 'third', which is not a seed", {"choice": "third"}),
        ("There can be 1 to 12 variants of an edit, not 0.", {"variants": 0}),
        ("There can be 1 to 12 variants of an edit, not 13.", {"variants": 13}),
        ("Both variants and a choice are given", {"variants": 2, "choice": [7]}),
    ],
)
def test_what_nobody_can_do_is_refused_before_the_work(words, given):
    painter = Grain()
    with pytest.raises(cielr.EditError, match=words):
        edit(GOAT, painter=painter, **given)
    assert painter.calls == 0


def test_a_seed_of_one_image_of_a_batch_is_for_that_alone():
    [region] = edit(GOAT, seed=9).regions
    choice = Choice.of(f"2:{variant_seed(region.seed, 3)} {variant_seed(region.seed, 1)}")
    assert [choice.number_of(region, image) for image in (1, 2)] == [1, 1]
    assert [Choice.of(f"2:{variant_seed(region.seed, 3)}").number_of(region, image) for image in (1, 2)] == [0, 3]


def test_no_two_variants_of_a_region_have_one_seed():
    seeds = [variant_seed(seed, number) for seed in (0, 1, 2**48 - 1) for number in range(MOST)]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**48 for seed in seeds)

"""What an instruction only speaks of because it is to be made."""

import pytest

from cielr.reasoning.to_be_made import is_to_be_made


@pytest.mark.parametrize(
    ("instruction", "label"),
    [
        ("add a cat on the sofa", "cat"),
        ("put two red balloons behind the dog, please", "balloon"),
        ("replace the food with the most vitamin C with an orange", "orange"),
        ("turn the oldest car into a carriage", "carriage"),
        ("have the guava be replaced by some pears and blur the rest", "pear"),
        ("Add another bird.", "birds"),
        ("place a glass of milk to the right of the bowl", "glass"),
    ],
)
def test_what_is_only_to_be_made_need_not_be_there(instruction, label):
    assert is_to_be_made(label, instruction)


@pytest.mark.parametrize(
    ("instruction", "label"),
    [
        ("add a cat on the sofa", "sofa"),
        ("add another cat beside the cat", "cat"),
        ("put the kettle on the stove", "kettle"),
        ("replace the orange with an orange cat", "orange"),
        ("take away the bottle with a red label", "label"),
        ("remove the man with a hat", "hat"),
        ("remove the cat", "cat"),
        ("", "cat"),
        ("add a cat", ""),
    ],
)
def test_what_may_be_there_is_looked_for(instruction, label):
    assert not is_to_be_made(label, instruction)

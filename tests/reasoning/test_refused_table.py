"""Instructions that no rule can follow, worded as people word them, and the word that each refusal has to blame."""

import pytest
from scenes import SCENES

from cielr.core.scene import Scene
from cielr.errors import Ambiguous, NothingMatches, NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit

SCENES = SCENES | {"nothing": Scene(width=60, height=40, objects=())}

REFUSED = [
    # knowledge and taste
    ("coins", "remove the most valuable coin", NotUnderstood, "most"),
    ("coins", "remove the oldest coin", NotUnderstood, "oldest"),
    ("table", "replace the food with the most vitamin C with an orange", NotUnderstood, "LLM"),
    ("street", "remove what the boy is afraid of", NotUnderstood, "LLM"),
    ("table", "make it nicer", NotUnderstood, "nicer"),
    ("table", "make the spoon less gaudy", NotUnderstood, "'less gaudy' is a matter of taste"),
    ("table", "make the spoon look more elegant", NotUnderstood, "'more elegant' is a matter of taste"),
    ("table", "make the spoon less", NotUnderstood, "'less' is a matter of taste"),
    ("table", "make the spoon less brihgt", NotUnderstood, "'brihgt' was not understood"),
    ("table", "remove the less brigth spoon", NotUnderstood, "'less brigth' is a matter of taste"),
    ("table", "there are three cups, I only want one, any will do", NotUnderstood, "LLM"),
    ("table", "improve the photo", NotUnderstood, "improve"),
    ("table", "make the picture more interesting", NotUnderstood, "LLM"),
    ("table", "remove the ugly cup", NotUnderstood, "ugly"),
    ("street", "remove the vehicle that can carry most people", NotUnderstood, "LLM"),
    # drawn anew
    ("table", "replace the orange with a button", NotUnderstood, "drawn"),
    ("table", "turn the banana into a cucumber", NotUnderstood, "drawn"),
    ("table", "add a cat", NotUnderstood, "add"),
    ("table", "make the second cup from the left look like glass", NotUnderstood, "look"),
    ("street", "draw a hat on the man", NotUnderstood, "draw"),
    # negated
    ("table", "do not remove anything", NotUnderstood, "not"),
    ("table", "don't touch the cups", NotUnderstood, "don't"),
    ("table", "never remove the spoon", NotUnderstood, "never"),
    ("table", "remove no cup", NotUnderstood, "no"),
    # not there
    ("coins", "remove the dog", NothingMatches, "dog"),
    ("table", "make the knife red", NothingMatches, "knife"),
    ("table", "remove the green cup", NothingMatches, "green cup"),
    ("coins", "remove the ninth coin in the top row", NothingMatches, "ninth"),
    ("coins", "remove the first coin in the fifth row", NothingMatches, "fifth row"),
    ("table", "remove the four cups", NothingMatches, "4"),
    ("table", "remove cup_9", NothingMatches, "cup_9"),
    ("table", "remove the cup left of the red cup", NothingMatches, "cup"),
    # one meant, several there
    ("coins", "remove the coin", Ambiguous, "24"),
    ("table", "make the cup red", Ambiguous, "cup_1"),
    ("table", "remove the round plate", Ambiguous, "plate_2"),
    ("street", "remove the red car", Ambiguous, "car_3"),
    ("coins", "remove two coins", Ambiguous, "24"),
    ("coins", "remove the middle coin", Ambiguous, "middle"),
    ("table", "remove both cups", Ambiguous, "both"),
    ("coins", "remove the coin left of coin_3", Ambiguous, "coin_1"),
    ("street", "remove the second red car", Ambiguous, "from the left or from the top"),
    ("street", "remove the boy", NothingMatches, "boy"),
    ("street", "remove the vehicle", NothingMatches, "vehicle"),
    ("table", "remove one cup", Ambiguous, "one is meant"),
    ("table", "remove two of the cups", Ambiguous, "'the cups'"),
    ("table", "remove the cup closest to the table", Ambiguous, "closest"),
    # what may be said of one or of several
    ("table", "remove all cups from the left", NotUnderstood, "How many"),
    ("coins", "remove all but the second coin from the left in the top row", Ambiguous, "in the top row"),
    ("coins", "remove the two largest coins in the top row and the bottom row", NotUnderstood, "whole"),
    ("coins", "remove the first and last coins in the top and bottom rows", NotUnderstood, "'bottom rows'"),
    ("street", "remove the cars and the trees on the right", Ambiguous, "on the right"),
    ("street", "remove cars and trees behind the man", Ambiguous, "behind the man"),
    # amounts that change nothing
    ("table", "blur the banana 0 px", NotUnderstood, "0 pixels"),
    ("table", "enlarge the banana by 0%", NotUnderstood, "factor of 1"),
    ("table", "move the banana 20 px left and 20 px right", NotUnderstood, "0 pixels"),
    # conditions, choices, comparisons, belongings
    ("table", "remove the cup or the spoon", NotUnderstood, "'or'"),
    ("table", "remove cup_1 unless it is red", NotUnderstood, "'unless'"),
    ("coins", "remove the coins larger than coin_12", NotUnderstood, "'than'"),
    ("table", "remove the shadow of the red cup", NotUnderstood, "belongs"),
    ("table", "darken the spoon by -20%", NotUnderstood, "'-'"),
    # one is meant and several are there: what would say it
    (
        "coins",
        "remove the coin to the left of the largest coin",
        Ambiguous,
        "'directly to the left of the largest coin' is",
    ),
    ("coins", "make the coin in the middle pink", Ambiguous, "fit 'coin' are about as near to the centre"),
    ("coins", "remove the coin in the center of the picture", Ambiguous, "coin_9"),
    # misspelt: the word to blame, never a guess
    (
        "coins",
        "make teh largest coin red",
        NotUnderstood,
        "'teh' was not understood in 'make teh largest coin red'. Did",
    ),
    ("coins", "delete teh coin", NotUnderstood, "Did you mean 'the'?"),
    ("coins", "remvoe the largest coin", NotUnderstood, "Did you mean 'remove'?"),
    ("coins", "remove the bigest coin", NotUnderstood, "Did you mean 'biggest'?"),
    ("coins", "remove the smalest coin", NotUnderstood, "Did you mean 'smallest'?"),
    ("coins", "remove the smalest", NothingMatches, "Did you mean 'smallest'?"),
    ("coins", "remove the leftmos coin", NotUnderstood, "Did you mean 'leftmost'?"),
    ("coins", "remove the second cion from the left", NothingMatches, "Did you mean 'coin'?"),
    ("table", "blurr the background", NotUnderstood, "Did you mean 'blur'?"),
    ("table", "make the spoon blu", NotUnderstood, "Did you mean 'blue'?"),
    ("table", "make the spoon goldn", NotUnderstood, "Did you mean 'golden'?"),
    # what no action does, or no rule
    ("coins", "make the smallest coin a red button", NotUnderstood, "asks for something new to be drawn;"),
    ("coins", "flip the largest coin", NotUnderstood, "left to right or upside down"),
    ("coins", "swap coin_1 with a button", NotUnderstood, "asks for something new to be drawn;"),
    ("table", "turn the left cup blu", NotUnderstood, "Did you mean"),
    ("table", "replace the spoon with a bell", NotUnderstood, "asks for something new to be drawn;"),
    ("coins", "turn the largest coin to the left", NotUnderstood, "How far to turn"),
    ("coins", "change coin_3 for a button", NotUnderstood, "asks for something new to be drawn;"),
    ("coins", "remove the coin in the middle of the top row", Ambiguous, "none is the middle one"),
    ("table", "remove the red cup's handle", NothingMatches, "look for it with the label 'handle'"),
    ("table", "make the spoon shiny", NotUnderstood, "'shiny' was not understood"),
    ("coins", "移除最大的硬币", NotUnderstood, "reads English; connect an LLM for other languages"),
    ("coins", "удали самую большую монету", NotUnderstood, "reads English"),
    # what is not there: what to do
    ("table", "remove the coin", NothingMatches, "look for it with the label 'coin'"),
    ("table", "remove the green plate", NothingMatches, "it has plate_1 (white, large, round), plate_2 (dark blue"),
    ("coins", "remove the largest coin, then make it red", NothingMatches, "'it' is coin_24, which is no longer there"),
    ("nothing", "remove the largest coin", NothingMatches, "The scene has no objects, so there is no coin; a detector"),
    ("nothing", "remove the largest one", NothingMatches, "The scene has no objects, so nothing can be chosen; a det"),
    # half an instruction, or none
    ("table", "", NotUnderstood, "empty"),
    ("table", "   \n ", NotUnderstood, "empty"),
    ("table", "remove", NotUnderstood, "whole instruction"),
    ("table", "the red cup", NotUnderstood, "red"),
    ("table", "move the spoon", NotUnderstood, "Where"),
    ("table", "move the spoon to the left", NotUnderstood, "How far"),
    ("table", "make the spoon", NotUnderstood, "LLM"),
    ("table", "paint the spoon", NotUnderstood, "LLM"),
    ("table", "remove it", NotUnderstood, "it"),
    ("table", "x" * 100_000, NotUnderstood, "100000 characters"),
    ("table", "asdf qwer", NotUnderstood, "asdf"),
    ("table", "darken the spoon by 300%", NotUnderstood, "300%"),
    ("table", "move the background", NotUnderstood, "background"),
    ("table", "remove the spoon and then dance", NotUnderstood, "dance"),
    ("table", "entferne den Löffel", NotUnderstood, "LLM"),
]


@pytest.mark.parametrize(("scene", "instruction", "kind", "word"), REFUSED)
def test_refused(scene, instruction, kind, word):
    with pytest.raises(NotUnderstood) as caught:
        plan_explicit(SCENES[scene], instruction)
    assert type(caught.value) is kind
    assert word.lower() in str(caught.value).lower()
    assert str(caught.value).endswith((".", "?"))

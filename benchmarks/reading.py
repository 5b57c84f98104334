"""Reading instructions without a language model: milliseconds for texts of one to six sentences.

Chains of everyday wishes, on a scene of 14 things, and with a painter and eyes that find what is asked for. Beside them
the same text cut into words alone, and how the time grows with the length: 1.0 is in proportion.
"""

from __future__ import annotations

from _measure import seconds, table

from cielr.core.scene import Scene
from cielr.evaluation.read_bench import HEIGHT, WIDTH, AllSeeing
from cielr.evaluation.reason_cases import load_cases
from cielr.reasoning.grammar.reader import plan_explicit, plan_with_eyes
from cielr.reasoning.grammar.words.clauses import clauses_of

PAINTED = [
    "Replace the donkey with a white pony in the meadow.",
    "Put a garland of daisies around the pony's neck.",
    "Change the gardener's apron pattern to polka dots.",
    "Change the background to a snowy mountain village.",
    "Remove the ladder that leans against the old barn.",
    "Add a lantern to the left of the red wheelbarrow.",
]
"""About fifty characters each."""
SEEN = [
    "Brighten the second cushion from the left by 20 %.",
    "Move the white vase to the left by 40 px, please.",
    "Make the clock above the black TV twice as large.",
    "Colour the green book on top of the table dark blue.",
    "Blur the plant in the bottom right corner by 20 px.",
    "Darken the window in the background by 30 per cent.",
]


def text_of(sentences: list[str], length: int) -> str:
    """The first whole sentences that fit into so many characters."""
    text = ""
    for sentence in sentences:
        if len(text) + len(sentence) <= length:
            text += sentence + " "
    return text.strip()


def main() -> None:
    scene = load_cases().scene("living")
    rows = []
    for name, sentences in (("things in the scene", SEEN), ("with eyes and a painter", PAINTED)):
        first = 0.0
        for length in (60, 110, 210, 310):
            text = text_of(sentences, length)

            def read(text: str = text, painted: bool = sentences is PAINTED) -> object:
                if painted:
                    return plan_with_eyes(Scene(width=WIDTH, height=HEIGHT), text, AllSeeing(text), True)
                return plan_explicit(scene, text)

            took = seconds(read)
            words = seconds(lambda text=text: clauses_of(text))
            first = first or took / len(text)
            rows.append(
                (
                    name,
                    str(len(text)),
                    f"{1000 * took:.1f} ms",
                    f"{took / words:.0f} x",
                    f"{took / len(text) / first:.1f}",
                )
            )
    head = ("text", "characters", "to a plan", "the words alone", "a character, by the shortest")
    table("Reading without a language model", head, rows)


if __name__ == "__main__":
    main()

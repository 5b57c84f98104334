"""Of whom a pronoun speaks: "give her a guitar", "make him read it", "let them dance", "make its mane darker"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ....actions import Action
from ....core.inflection import is_plural, singular
from ....core.scene import SceneObject
from ..meaning.naming import label_words
from ..nouns.phrases import Phrase
from ..sentences.placing import SURFACES
from ..sentences.wishes import Wish
from ..words.synonyms import CLOTHES, PEOPLE
from ..words.vocabulary import PERSONAL, word_set
from .planner import Planner
from .state import head_noun

BODY = word_set("mane eye tail ear leg wing fur nose mouth paw head hair beak horn tooth face foot hoof trunk")
"""Parts that somebody has, and nothing that he wears."""
WORN = CLOTHES | {"crown", "saddle", "collar", "bell", "bow", "ribbon", "tiara", "wig", "bridle", "medal", "blanket"}
"""What somebody wears, who has the eyes and the tail."""
_ONE_PERSON = (PERSONAL["him"], PERSONAL["her"])


def of_whom(wish: Wish, planner: Planner) -> Planner:
    """The planner with whom the pronouns of a wish mean as what was named last.

    After "give her a guitar" the next "her" is she and not the guitar, and the mane of "put a crown on the lion, then
    make its mane darker" is the lion's.
    """
    last = planner.actions[-1] if planner.actions else None
    said = _pronouns(wish)
    now = [thing for name in planner.last if (thing := planner.now.get(name)) is not None]
    if last is None or not said or not now:
        return planner
    if any(phrase.noun in _ONE_PERSON for phrase in said) and not any(map(_is_somebody, now)):
        somebody = _who_is_near(now, last, planner) or _receiver(now, last, planner)
        return planner if somebody is None else replace(planner, last=(somebody,))
    body = any(phrase.head in BODY and phrase.owner in said for phrase in targets_of(wish))
    wholes = tuple(thing.part_of for thing in now if thing.part_of is not None and planner.now.get(thing.part_of))
    if body and len(wholes) == len(now):
        # "make the dog's tail longer and its ears bigger"
        return replace(planner, last=wholes)
    if last.kind != "add":
        return planner
    anchors = tuple(name for name in last.where.anchors if planner.now.get(name) is not None)
    if any(phrase.noun == PERSONAL["them"] for phrase in said):
        given = _given_with(last, planner)
        people = tuple(name for name in anchors if (thing := planner.now.get(name)) is not None and _is_somebody(thing))
        alone = len(given) == 1 and len(now) == 1 and not is_plural(head_noun(last.what)) and _is_somebody(now[0])
        # "add a boy next to the girl and let them dance"
        return replace(planner, last=(*given, *people) if alone else given)
    worn = all(label_words(thing)[-1] in WORN for thing in now) and last.where.relation in ("on", "on_top")
    # "a mask with horns" has them itself, and a table has none
    its_own = any(phrase.head in {singular(word) for word in last.what.split()} for phrase in targets_of(wish))
    alive = all(label_words(thing)[-1] not in SURFACES for name in anchors if (thing := planner.now.get(name)))
    return replace(planner, last=anchors) if body and worn and alive and not its_own and len(anchors) == 1 else planner


def targets_of(wish: Wish) -> tuple[Phrase, ...]:
    """The phrases that say to what something is done."""
    return wish.targets.items if wish.targets is not None else ()


def _pronouns(wish: Wish) -> list[Phrase]:
    """The pronouns that say to what a wish is done, or whose something is."""
    phrases = [*targets_of(wish), *(wish.goal.anchors if wish.goal else ())]
    return [who for phrase in phrases for who in (phrase, phrase.owner) if who is not None and who.special == "pronoun"]


def _is_somebody(thing: SceneObject) -> bool:
    return bool(PEOPLE & set(label_words(thing)))


def _who_is_near(now: Sequence[SceneObject], last: Action, planner: Planner) -> str | None:
    """Who has the things that were named last, or whom they were given; None where nobody does."""
    where = getattr(last, "where", None)
    given = where is not None and where.relation in ("on", "on_top", "inside")
    names = [*(thing.part_of for thing in now), *(where.anchors if where is not None and given else ())]
    things = [thing for name in names if name is not None and (thing := planner.now.get(name)) is not None]
    wholes = [planner.now.get(thing.part_of) for thing in things if thing.part_of is not None]
    return next((thing.id for thing in (*things, *wholes) if thing is not None and _is_somebody(thing)), None)


def _receiver(now: Sequence[SceneObject], last: Action, planner: Planner) -> str | None:
    """To whom something was given, or who wears it, whatever he is called: the clown of "give the clown a balloon"."""
    if last.kind != "add" or len(last.where.anchors) != 1 or last.where.relation not in ("on", "on_top"):
        return None
    given = planner.before is not None and planner.before[1].clause.words[0] in ("give", "equip", "provide")
    worn = all(label_words(thing)[-1] in WORN for thing in now)
    anchor = planner.now.get(last.where.anchors[0])
    alive = anchor is not None and label_words(anchor)[-1] not in SURFACES
    return last.where.anchors[0] if alive and (given or worn) else None


def _given_with(last: Action, planner: Planner) -> tuple[str, ...]:
    """What was added last, with what was added there just before: a scarf and a hat."""
    names: tuple[str, ...] = ()
    for action in reversed(planner.actions):
        if action.kind != "add" or last.kind != "add" or action.where != last.where:
            break
        names = (*action.makes, *names)
    return names

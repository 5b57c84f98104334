"""Reasoning without a language model: everyday instructions, read by grammar.

It understands what can be read off the scene and refuses everything else: it never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ...actions import Plan
from ...core.inflection import singular
from ...core.scene import DetectRequest, EffectsRequest, PartsRequest, Perception, Scene
from ...errors import CielrError, NotUnderstood
from ..exchange import NoteTaker, note
from .lookup import Lacking, head_of, lacking, lacks, names_of
from .meaning.naming import kin_of, label_words
from .meaning.selection import Selector
from .misread import misread, needs_painter, refused_word
from .nouns.parser import NounPhrases, label_table
from .nouns.phrases import Phrase, Selection
from .planning.planner import Planner
from .planning.whom import BODY, WORN, of_whom, targets_of
from .sentences.again import same_again
from .sentences.attributes import ATTRIBUTES
from .sentences.context import context_of
from .sentences.makes_way import wishes_apart
from .sentences.one_verb import wishes_of
from .sentences.staying import KEPT_MANNERS
from .sentences.wishes import Misread, Wish, owned_by, with_nouns
from .words.synonyms import PEOPLE
from .words.tokens import Clause, refusal
from .words.vocabulary import PERSONAL, TASTE, VERBS

OWNERS = 8
"""Of so many owners at most are parts looked for."""
_ASSURANCES = frozenset({"ensure", "ensuring", "maintain", "preserve", "blend", "match"})
_SEAMLESS = frozenset({"seamless", "natural", "consistent", "coherent", "believable", "seamlessly", "naturally"})
_TOUCHING = frozenset({"change", "alter", "modify", "touch", "affect", "edit"})
_DRAWN = frozenset({"add", "replace", "background", "global", "modify"})
_FIELDS = {"add": "what", "replace": "with_", "background": "to", "global": "style", "modify": "change"}
"""Where an action holds the painter's text."""
_MANNERS = frozenset(ATTRIBUTES) | KEPT_MANNERS
_KEPT_ANYWAY = re.compile(
    r"(?:and )?(?:(?:keep|leave|preserve|maintain|retain) (?:everything else|all else|the rest|the rest of the \w+"
    r"|the other (?:things|objects|parts|elements|details|colou?rs))(?: exactly)?"
    r"(?: (?:the same|unchanged|intact|untouched|alone|as is|as it is|as they are|as it was))?"
    r"|(?:do not|don't|dont) (?:change|touch|alter|modify|edit) (?:anything|anything else|the rest|everything else)"
    r"|nothing else|(?:everything else|the rest) (?:should |must |can )?(?:stays?|remains?|is|be)(?: exactly)?"
    r" (?:the same|unchanged|intact|untouched|as is|as it is))"
)
"""Sentences about what no plan touches."""
_REMARKING = frozenset({"it's", "that's", "they're"})
_ONE_PERSON = (PERSONAL["him"], PERSONAL["her"])
_SHOULD = frozenset({"should", "must", "will", "is", "are", "has", "have", "looks", "could", "wears"})


def plan_explicit(scene: Scene, instruction: str, painter: bool = False, looked: bool = False) -> Plan:
    """The plan for an instruction.

    Args:
        painter: whether somebody is there to draw what is new; without one what needs it is refused.
        looked: whether eyes have looked for what the text names and the scene lacked.

    Raises:
        NotUnderstood: where the instruction would have to be guessed; NothingMatches: where it is understood and the
            scene has no such thing; Ambiguous: where one thing is meant and several fit.
    """
    planner, spoken = Planner(scene, looked), None
    before: list[Wish] = []
    clauses = wishes_apart(instruction)
    for number, clause in enumerate(clauses):
        labels = [thing.label for thing in planner.now.objects]
        wishes = _told(clause, clauses[number + 1 :], before, labels)
        if wishes is None and (described := _described(clause, planner, painter)) is not None:
            planner = described
            continue
        wishes, spoken = with_nouns(_read(clause, labels, planner.now, painter) if wishes is None else wishes, spoken)
        if not planner.last and all(wish.kind == "replace" for wish in wishes):
            wishes = [wish.grounded(kin_of(planner.now)) for wish in wishes]
        for wish in planner.at_once(wishes):
            planner = of_whom(wish, planner)
            done = planner.then(wish if planner.last else wish.grounded(kin_of(planner.now)))
            _check_stays(wish, planner, done)
            planner = done
        before = _asked_for(wishes) or before
    if not planner.actions:
        raise NotUnderstood("The instruction says nothing that is to be changed.")
    _check_kept(planner)
    plan = Plan(actions=planner.actions, summary=" ".join(f"{action.sentence()}." for action in planner.actions))
    plan.check(scene)
    return plan


def _check_kept(planner: Planner) -> None:
    """That what is kept alone is not taken away by another wish: "delete the background, delete the microphone".

    Raises:
        NotUnderstood: where it is.
    """
    gone = {thing for action in planner.actions if action.kind == "remove" for thing in action.objects}
    for action in planner.actions:
        if action.kind == "extract" and set(action.objects) <= gone:
            raise refusal("What is to be kept without the background is not said")


def _check_stays(wish: Wish, before: Planner, after: Planner) -> None:
    """That what is said to stay is not among what a wish changes.

    Raises:
        NotUnderstood: where it is.
    """
    if wish.stays is None:
        return
    made = after.actions[len(before.actions) :]
    touched = {thing for action in made for thing in action.objects}
    if any(action.kind == "global" for action in made):
        touched = {thing.id for thing in before.now.objects}
    for phrase in wish.stays.items:
        if phrase.special:
            # "everything else"
            continue
        try:
            kept = set(before.selector.targets(Selection((phrase,), words=phrase.words)).ids)
        except NotUnderstood:
            # one of those that are changed, or nothing in sight
            kept = {thing.id for thing in before.now.objects if singular(phrase.head) in label_words(thing)}
        if touched & kept:
            raise refusal(f"'{phrase.words}' is to stay, and is among what is to be changed; say which are meant")


def plan_with_eyes(
    scene: Scene, instruction: str, perception: Perception | None, painter: bool, step: NoteTaker | None = None
) -> tuple[Scene, Plan]:
    """(scene, plan): what the text names and the scene lacks is looked for, once; see `plan_explicit`."""
    if perception is None:
        return scene, plan_explicit(scene, instruction, painter)
    wanted = lacking_of(scene, instruction, painter)
    seen = _looked(scene, wanted, perception, step)
    return seen, plan_explicit(seen, instruction, painter, looked=True)


def lacking_of(scene: Scene, instruction: str, painter: bool = False) -> Lacking:
    """What an instruction names and a scene lacks; nothing where it is not understood."""
    wishes: list[Wish] = []
    before: list[Wish] = []
    spoken = wearer = person = None
    labels = [thing.label for thing in scene.objects]
    clauses = wishes_apart(instruction)
    for number, clause in enumerate(clauses):
        try:
            read = _told(clause, clauses[number + 1 :], before, labels)
            if read is None:
                read = wishes_of(clause, label_table(labels))
                refused = any(refused_word(part, scene, said, painter) for part, said in _by_clause(clause, read))
                if refused or (not painter and any(wish.paints for wish in read)):
                    continue
        except (Misread, CielrError):
            continue
        whose = beside = spoken
        read, spoken = with_nouns(read, spoken)
        before = _asked_for(read) or before
        for wish in read:
            of_body = any(phrase.head in BODY for phrase in targets_of(wish))
            its = any(phrase.owner is not None and phrase.owner.words == "its" for phrase in targets_of(wish))
            hers = any(phrase.owner is not None and phrase.owner.noun in _ONE_PERSON for phrase in targets_of(wish))
            owner = wearer if of_body and wearer is not None else beside if its else (hers and person) or whose
            wishes.append(wish.grounded(kin_of(scene)) if owner is None else owned_by(wish, owner))
            beside, wearer, person = _spoken_of(wish) or beside, _wearer(wish) or wearer, _person_of(wish) or person
        labels += [" ".join(wish.new.name) for wish in read if wish.new is not None and wish.new.noun]
    return lacking(scene, wishes)


def _person_of(wish: Wish) -> Phrase | None:
    """Somebody to whom a wish is done, or at whom something goes."""
    named = [*targets_of(wish), *(wish.goal.anchors if wish.goal else ())]
    return next((phrase for phrase in named if phrase.head in PEOPLE and not phrase.special), None)


def _wearer(wish: Wish) -> Phrase | None:
    """The lion of "put a crown on the lion"."""
    new = wish.new.head if wish.new is not None else ""
    return wish.goal.anchors[0] if wish.kind == "add" and new in WORN and wish.goal and wish.goal.anchors else None


def _spoken_of(wish: Wish) -> Phrase | None:
    only = wish.targets.only if wish.targets is not None else None
    return only if only is not None and only.has_noun and not only.special else None


def _told(
    clause: Clause, following: Sequence[Clause], before: Sequence[Wish], labels: Sequence[str]
) -> list[Wish] | None:
    """What a clause says by what stands around it: things that are only spoken of, or the same once more."""
    table = label_table(labels)
    spoken_of = context_of(clause, following, table)
    return same_again(clause, before, table) if spoken_of is None else spoken_of


def _asked_for(wishes: Sequence[Wish]) -> list[Wish]:
    return [wish for wish in wishes if wish.kind != "mention"]


def _looked(scene: Scene, wanted: Lacking, perception: Perception, step: NoteTaker | None) -> Scene:
    """The scene with what the eyes find of what is wanted: things, then parts and effects of things."""
    owners = [owner for owner, _ in wanted.parts] + list(wanted.effects)
    names = [name for owner in owners if lacks(scene, owner) for name in names_of(owner)]
    known = {label.lower() for label in scene.absent}
    labels = tuple(label for label in dict.fromkeys((*wanted.labels, *names)) if label not in known)
    scene = _asked(scene, labels, None, perception, step)
    for owner, parts in wanted.parts:
        for thing in _things(scene, owner):
            scene = _asked(scene, parts, thing, perception, step)
    for owner in wanted.effects:
        for thing in _things(scene, owner):
            scene = _ask(scene, EffectsRequest(object=thing), f"effects of {thing}", perception, step)
    return scene


def _things(scene: Scene, owner: Phrase) -> tuple[str, ...]:
    try:
        return Selector(scene, looked=True).phrase(owner).ids[:OWNERS]
    except NotUnderstood:
        return ()


def _asked(
    scene: Scene, labels: tuple[str, ...], whole: str | None, perception: Perception, step: NoteTaker | None
) -> Scene:
    """With what is found by these labels; where a name is not found, by its head."""
    for wanted in (labels, None):
        if wanted is None:
            wanted = tuple(
                dict.fromkeys(head_of(label) for label in labels if head_of(label) and _misses(scene, label))
            )
        if wanted and whole is None:
            scene = _ask(scene, DetectRequest(labels=wanted), f"detect {', '.join(wanted)}", perception, step)
        elif wanted and whole is not None:
            request = PartsRequest(object=whole, labels=wanted)
            scene = _ask(scene, request, f"parts of {whole}: {', '.join(wanted)}", perception, step)
    return scene


def _misses(scene: Scene, label: str) -> bool:
    return not any(label_words(thing) == tuple(label.split()) for thing in scene.objects)


def _ask(scene: Scene, request, words: str, perception: Perception, step: NoteTaker | None) -> Scene:
    note(step, "request", words, request=request)
    update = perception.answer(scene, request)
    note(step, "update", update.answer or "nothing new", source=update.source)
    return scene.apply(update) if update.added or update.changed or update.absent else scene


# ----------------------------------------------------------------------------------------------------------- readings


def _read(clause: Clause, labels: Sequence[str], scene: Scene, painter: bool) -> list[Wish]:
    """What a clause asks for.

    Raises:
        NotUnderstood: where it is no sentence, or needs a painter that is not there.
    """
    table = label_table(labels)

    def reads(text: str) -> bool:
        try:
            return all(painter or not wish.paints for part in wishes_apart(text) for wish in wishes_of(part, table))
        except (Misread, NotUnderstood):
            return False

    if not painter and (refused := refused_word(clause, scene)) is not None:
        raise refused
    try:
        wishes = wishes_of(clause, table)
    except Misread as error:
        refused = refused_word(clause, scene, (), painter)
        raise (refused or misread(clause, error.place, scene, reads, painter)) from None
    for part, said in _by_clause(clause, wishes):
        if (refused := refused_word(part, scene, said, painter)) is not None:
            raise refused
    if not wishes and not painter:
        raise misread(clause, 0, scene, reads, painter)
    for wish in wishes:
        if wish.paints and not painter:
            raise needs_painter(wish.clause, wish, scene, reads)
        if wish.tail and not painter:
            said = wish.clause.raw(*wish.free[-1]).lstrip(", ")
            raise refusal(f"'{said}' was not understood in '{wish.clause.spelled()}'")
    return wishes


def _by_clause(clause: Clause, wishes: Sequence[Wish]) -> list[tuple[Clause, list[Wish]]]:
    """The wishes with the words that each was read from."""
    parts = list(dict.fromkeys(wish.clause for wish in wishes)) or [clause]
    return [(part, [wish for wish in wishes if wish.clause == part]) for part in parts]


def _described(clause: Clause, planner: Planner, painter: bool) -> Planner | None:
    """The planner with one more sentence on what was asked for last: "The cabin should be made of logs."."""
    if _KEPT_ANYWAY.fullmatch(clause.spelled()) is not None:
        return planner
    remarks = clause.words[0] in _REMARKING and clause.text[: clause.tokens[0].start].rstrip()[-1:] in (
        ",",
        "-",
        "–",
        "—",
    )
    if planner.actions and remarks and (TASTE | {"too", "so"}) & set(clause.words):
        # "remove the hat, it's ugly"
        return planner
    if not painter or not planner.actions:
        return None
    verb = VERBS.at(clause.words, 0)
    is_assurance = verb is not None and verb[0] == "assure" and {"there", "there's"} & set(clause.words)
    if is_assurance or (clause.words[0] == "make" and clause.words[-1] in _SEAMLESS):
        # how well it is to be done
        return planner
    last = planner.actions[-1]
    negated = 2 if clause.words[:2] == ("do", "not") else int(clause.words[0] in ("don't", "dont"))
    untouched = negated and len(clause) > negated and clause.words[negated] in _TOUCHING
    new = clause.words[1:2] in (("a",), ("an",), ("some",))
    kept = verb is not None and verb[0] == "keep" and "only" not in clause.words and last.kind in _DRAWN and not new
    if untouched or kept:
        # what is not spoken of is never touched
        return planner if _spares(clause, planner, negated + 1 if untouched else 1) else None
    if verb is not None:
        return None
    if clause.words[0] in _ASSURANCES or clause.words[:2] == ("make", "sure"):
        # how well it is to be done
        return planner
    field = _FIELDS.get(last.kind)
    if field is None or last.needs == "code" or not _is_about(clause, planner, str(getattr(last, field))):
        return None
    said = f"{getattr(last, field)}. {clause.raw(0, len(clause))}"
    return replace(planner, actions=(*planner.actions[:-1], last.model_copy(update={field: said})))


def _spares(clause: Clause, planner: Planner, start: int) -> bool:
    """Whether what is to stay is touched by nothing that is planned: then it need not be said."""
    read = NounPhrases(clause, label_table(thing.label for thing in planner.now.objects)).phrase(start, len(clause))
    if read is None or read[0].head in _MANNERS:
        return True
    if any(action.kind in ("background", "global") for action in planner.actions):
        return False
    try:
        kept = set(planner.selector.phrase(read[0], several=True).ids)
    except NotUnderstood:
        return True
    return not any(kept & set(action.objects) for action in planner.actions)


def _is_about(clause: Clause, planner: Planner, said: str) -> bool:
    """Whether a sentence speaks of what was asked for last."""
    if not set(clause.words[:12]) & _SHOULD:
        return False
    if clause.words[0] in ("it", "they", "he", "she", "this", "its"):
        return len(clause) > 2
    read = NounPhrases(clause, label_table(())).phrase(0, len(clause))
    return clause.words[0] == "the" and read is not None and read[0].head in said.lower().split()

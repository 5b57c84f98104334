"""Reasoning without a language model: explicit instructions, read by grammar.

It understands what can be read off the scene and refuses everything else: it never guesses.
"""

from __future__ import annotations

import re
from typing import Any

from lark import Token, Tree, UnexpectedInput
from lark.visitors import CollapseAmbiguities

from ...actions import Action, Background, Global, Modify, Move, Place, Plan, Remove, Resize
from ...core.scene import Scene
from ...errors import Ambiguous, CielrError, NothingMatches, NotUnderstood
from ...region import scene_after
from .choice import Chosen
from .lexicon import COLOURED, NUMBERS
from .misread import not_read
from .select import Selector
from .tokens import Phrase, grammar, refusal, split_colours, steps_of
from .trees import spelled

BRIGHTEN, BLUR, DESATURATE = 30.0, 8.0, 100.0
"""Per cent, pixels, per cent, where the instruction names no amount."""
BIGGER, SMALLER = 1.5, 0.65
"""Factors, where it names none."""
WEAK = re.compile(r"slightly|a (little|tiny)?( |-)?bit|a little|somewhat")
READINGS = 48
"""Readings of one step that are tried; a step with more is too tangled to be sure of."""


def plan_explicit(scene: Scene, instruction: str) -> Plan:
    """The plan for an explicit instruction.

    Raises:
        NotUnderstood: where the instruction would have to be guessed; NothingMatches: where it is understood and the
            scene has no such thing; Ambiguous: where one thing is meant and several fit.
    """
    actions: list[Action] = []
    said: list[str] = []
    now, last = scene, ()
    for step in steps_of(instruction):
        found = _read_either_way(step, Selector(now, last))
        for action, how in found:
            actions.append(action.model_copy(update={"reason": how}))
            said.append(_sentence(action))
            last = action.objects or last
            now = scene_after(now, action)
    plan = Plan(actions=tuple(actions), summary=" ".join(said))
    plan.check(scene)
    return plan


# ---------------------------------------------------------------------------------------------------------- readings

Read = list[tuple[Action, str]]
"""Actions, each with how its targets were found."""


def _read_either_way(step: list[Token], selector: Selector) -> Read:
    """What one step says, with "orange red" as one colour or, in "make the orange red", as a thing and a colour."""
    try:
        return _read(step, selector)
    except NotUnderstood as error:
        apart = split_colours(step)
        if apart == step:
            raise
        try:
            return _read(apart, selector)
        except NotUnderstood:
            raise error from None


def _read(step: list[Token], selector: Selector) -> Read:
    """What one step says: the one meaning that all its readings that make sense share."""
    try:
        tree = grammar().parse(step, start="step")
    except UnexpectedInput as error:
        raise not_read(step, getattr(error, "token", None), selector.scene) from None
    meanings: dict[str, Read] = {}
    failures: list[CielrError] = []
    readings = CollapseAmbiguities().transform(tree)
    if len(readings) > READINGS:
        raise refusal(f"'{spelled(step)}' can be read in too many ways")
    for reading in readings:
        try:
            meaning = _Step(selector).of(reading.children[0])
        except NotUnderstood as error:
            failures.append(error)
            continue
        meanings.setdefault("|".join(action.model_dump_json(exclude={"reason"}) for action, _ in meaning), meaning)
    if len(meanings) == 1:
        return next(iter(meanings.values()))
    if meanings:
        ids = tuple(dict.fromkeys(name for read in meanings.values() for action, _ in read for name in action.objects))
        raise Ambiguous(f"'{spelled(step)}' can mean different things ({', '.join(ids)}). Say which.", ids)
    raise min(failures, key=_rank)


def _rank(error: CielrError) -> int:
    """The failure that helps most: several fit, none fits, not understood."""
    return 0 if isinstance(error, Ambiguous) else 1 if isinstance(error, NothingMatches) else 2


# ------------------------------------------------------------------------------------------------------------- steps


class _Step:
    """One reading of one step, carried out against the scene."""

    def __init__(self, selector: Selector) -> None:
        self.select = selector
        self.scene = selector.scene

    def of(self, tree: Phrase) -> Read:
        return getattr(self, f"_{tree.data}")(tree)

    # removal

    def _remove(self, tree: Phrase) -> Read:
        chosen = self.select.targets(_child(tree, "targets"))
        return [(Remove(targets=chosen.ids), chosen.how)]

    def _keep(self, tree: Phrase) -> Read:
        chosen = self.select.targets(_child(tree, "targets"))
        rest = tuple(thing.id for thing in self.scene.objects if thing.id not in chosen.ids)
        if not rest:
            raise NothingMatches("There is nothing else in the scene that could be removed.")
        return [(Remove(targets=rest), f"all but {chosen.how}")]

    # look

    def _recolour(self, tree: Phrase) -> Read:
        return self._changed(_child(tree, "targets"), _colour(_child(tree, "colour")))

    def _backdrop(self, tree: Phrase) -> Read:
        return [(Background(to=_colour(_child(tree, "colour"))), "the background")]

    def _make(self, tree: Phrase) -> Read:
        return [
            pair
            for made in tree.find_data("made")
            for change in made.find_data("change")
            for pair in self._made(_child(made, "targets"), change)
        ]

    def _made(self, targets: Phrase, change: Phrase) -> Read:
        first = change.children[0]
        if isinstance(first, Tree) and first.data == "resized":
            return self._scaled(targets, _resized(first))
        if isinstance(first, Tree) and first.data == "relit":
            kind = "brighten" if _token(first, "BRIGHTER") else "darken"
            return self._changed(targets, f"{kind} {_percent(first, BRIGHTEN)}%")
        if isinstance(first, Tree):
            return self._changed(targets, _colour(first))
        if _token(change, "GREYSCALE"):
            return self._changed(targets, "desaturate 100%")
        return self._changed(targets, f"blur {_plain(BLUR * _degree(change))}px")

    def _adjust(self, tree: Phrase) -> Read:
        kind = str(_child(tree, "adjuster").children[0].type).lower()
        if kind == "blur":
            amount = _child(tree, "amount")
            number = amount and _token(amount, "NUMBER")
            if amount is not None and (number is None or _token(amount, "PERCENT")):
                raise refusal("A blur is said in pixels")
            reach = _value(number) if number else BLUR * _degree(tree)
            if not reach:
                raise refusal("A blur of 0 pixels changes nothing")
            text = f"blur {_plain(reach)}px"
        else:
            text = f"{kind} {_percent(tree, DESATURATE if kind == 'desaturate' else BRIGHTEN)}%"
        return self._changed(_child(tree, "targets"), text)

    def _drain(self, tree: Phrase) -> Read:
        return self._changed(_child(tree, "targets"), "desaturate 100%")

    def _more(self, tree: Phrase) -> Read:
        return self._changed(_child(tree, "targets"), f"brighten {_percent(tree, BRIGHTEN)}%")

    def _less(self, tree: Phrase) -> Read:
        return self._changed(_child(tree, "targets"), f"darken {_percent(tree, BRIGHTEN)}%")

    def _changed(self, targets: Phrase, change: str) -> Read:
        whole = _whole(targets)
        if whole is not None and whole.type == "BACKGROUND":
            return [(Background(to=change), "the background")]
        if whole is not None:
            return [(Global(style=change), "the whole picture")]
        if _is_everything(targets):
            return self._all_but(targets, change)
        chosen = self.select.targets(targets)
        return [(Modify(targets=chosen.ids, change=change), chosen.how)]

    def _all_but(self, targets: Phrase, change: str) -> Read:
        """ "everything" is the whole picture, and "everything except the coins" is the background and all else."""
        if len(targets.children) == 1:
            return [(Global(style=change), "everything")]
        spared = self.select.targets_of(targets.children[-1])
        rest = tuple(thing.id for thing in self.scene.objects if thing.id not in spared.ids)
        how = f"everything except {spared.how}"
        others: Read = [(Modify(targets=rest, change=change), how)] if rest else []
        return [(Background(to=change), how), *others]

    # size

    def _resize(self, tree: Phrase) -> Read:
        grows = _token(tree, "ENLARGE") is not None or _token(tree, "MORE") is not None
        if (_token(tree, "MORE") or _token(tree, "LESS")) and not _token(tree, "SIZE_OF"):
            raise refusal("What is to be increased or reduced is not said")
        scale = next((child for child in tree.children if isinstance(child, Tree) and child.data != "targets"), None)
        factor = _factor(scale, grows) if scale is not None else _eased(BIGGER if grows else SMALLER, _degree(tree))
        return self._scaled(_child(tree, "targets"), factor)

    def _multiply(self, tree: Phrase) -> Read:
        factor = {"DOUBLE": 2.0, "TRIPLE": 3.0, "HALVE": 0.5}[tree.children[0].type]
        return self._scaled(_child(tree, "targets"), factor)

    def _scaled(self, targets: Phrase, factor: float) -> Read:
        if _whole(targets) is not None:
            raise refusal(f"'{_whole(targets)}' cannot be resized by itself")
        if not 0.05 <= factor <= 20:
            raise refusal(f"A factor of {_plain(factor)} is out of range: from 0.05 to 20 can be done")
        if factor == 1:
            raise refusal("A factor of 1 changes nothing")
        chosen = self.select.targets(targets)
        return [(Resize(targets=chosen.ids, scale=round(factor, 4)), chosen.how)]

    # place

    def _move_by(self, tree: Phrase) -> Read:
        chosen = self._movable(tree)
        dx = dy = 0.0
        for offset in tree.find_data("offset"):
            step = _value(_token(offset, "NUMBER"))
            direction = _child(offset, "direction").children[0].type
            dx += {"LEFT": -step, "RIGHT": step}.get(direction, 0.0)
            dy += {"UP": -step, "DOWN": step}.get(direction, 0.0)
        if not (dx or dy):
            raise refusal("A move by 0 pixels changes nothing")
        return [(Move(targets=chosen.ids, to=Place(relation="by", x=dx, y=dy)), chosen.how)]

    def _move(self, tree: Phrase) -> Read:
        chosen = self._movable(tree)
        place = next(child for child in tree.children if isinstance(child, Tree) and child.data != "targets")
        return [(Move(targets=chosen.ids, to=self._place(place, chosen)), chosen.how)]

    def _no_distance(self, tree: Phrase) -> Read:
        self._movable(tree)
        raise refusal("How far to move is not said (such as '50 pixels to the left', or 'to the left edge')")

    def _no_goal(self, tree: Phrase) -> Read:
        self._movable(tree)
        raise refusal("Where to move is not said")

    def _movable(self, tree: Phrase) -> Chosen:
        targets = _child(tree, "targets")
        if _whole(targets) is not None:
            raise refusal(f"'{_whole(targets)}' cannot be moved")
        return self.select.targets(targets)

    def _place(self, tree: Phrase, chosen: Chosen) -> Place:
        if tree.data == "betwixt":
            a, b = self.select.pair(tree)
            return Place(relation="between", anchors=(a.id, b.id))
        if tree.data == "beside":
            word = _child(tree, "relation").children[0].type
            relation: Any = {"ON_TOP": "on", "IN": "inside", "BY": "next_to"}.get(word, word.lower())
            if relation in ("touching", "overlapping"):
                raise refusal(f"'{relation}' is no place to move to")
            anchor = self.select.one(tree.children[-1])
            if anchor.id in chosen.ids:
                raise refusal(f"'{anchor.id}' cannot be moved to a place that it gives itself")
            return Place(relation=relation, anchors=(anchor.id,))
        spot = {str(token) for token in _child(tree, "spot").children}
        if spot <= {"left", "right"} and not any(
            _token(tree, name) for name in ("SIDE", "CORNER", "HALF", "OF_PICTURE")
        ):
            raise refusal(f"How far to the {' '.join(spot)} is not said (such as '50 pixels', or 'to the left edge')")
        box = chosen.things[0].box
        for thing in chosen.things[1:]:
            box = box.union(thing.box)
        x, y = box.center[0] / self.scene.width, box.center[1] / self.scene.height
        if spot & {"middle", "center", "centre", "central"}:
            x = y = 0.5
        x = 0.0 if "left" in spot else 1.0 if "right" in spot else x
        y = 0.0 if spot & {"top", "upper"} else 1.0 if spot & {"bottom", "lower"} else y
        return Place(relation="at", x=min(max(x, 0.0), 1.0), y=min(max(y, 0.0), 1.0))


# ---------------------------------------------------------------------------------------------------------- small parts


def _child(tree: Phrase, name: str) -> Any:
    """The first child tree of that name, or None."""
    return next((child for child in tree.children if isinstance(child, Tree) and child.data == name), None)


def _token(tree: Phrase, name: str) -> Token | None:
    return next((child for child in tree.children if isinstance(child, Token) and child.type == name), None)


def _whole(targets: Phrase) -> Token | None:
    """BACKGROUND or PICTURE where that is all that is named."""
    items = list(targets.find_data("item"))
    found = [token for item in items for token in item.children if isinstance(token, Token)]
    found = [token for token in found if token.type in ("BACKGROUND", "PICTURE")]
    if found and len(items) > 1:
        raise refusal(f"'{found[0]}' and other things take a step each")
    return found[0] if found else None


def _is_everything(targets: Phrase) -> bool:
    """Whether "everything" is named, background and all, with nothing said of where."""
    items = list(targets.children[0].find_data("item"))
    return len(items) == 1 and [str(child) for child in items[0].children] == ["everything"]


def _colour(tree: Phrase) -> str:
    token = tree.children[0]
    if token.type == "COLOURED":
        return f"colour {COLOURED[str(token)]}"
    if token.type == "TONE":
        raise refusal(f"'{token}' is no colour by itself (darken and brighten change how light something is)")
    return f"colour {token}"


def _degree(tree: Phrase) -> float:
    token = _token(tree, "DEGREE")
    return 1.0 if token is None else 0.5 if WEAK.fullmatch(token) else 2.0


def _value(token: Token | None) -> float:
    assert token is not None
    return float(NUMBERS[str(token)]) if str(token) in NUMBERS else float(token)


def _plain(number: float) -> str:
    return f"{number:g}"


def _percent(tree: Phrase, default: float) -> str:
    """The amount in per cent that is said, or the default by the degree that is."""
    amount = next(tree.find_data("amount"), None)
    if amount is None:
        return _plain(min(default * _degree(tree), 100.0))
    if _token(amount, "HALF"):
        return "50"
    if _token(amount, "PX") or not _token(amount, "PERCENT"):
        raise refusal("An amount of light or colour is said in per cent")
    value = _value(_token(amount, "NUMBER"))
    if not 0 < value <= 100:
        raise refusal(f"{_plain(value)}% is out of range: 1% to 100% can be done")
    return _plain(value)


def _eased(factor: float, degree: float) -> float:
    return factor**degree


def _resized(tree: Phrase) -> float:
    """The factor of "twice as big", "half the size", "20% smaller", "a bit bigger"."""
    grows = _token(tree, "SMALLER") is None
    if _token(tree, "HALF"):
        return 0.5
    if (factor := _child(tree, "factor")) is not None:
        value = _value(_token(factor, "NUMBER") or _token(factor, "TWICE"))
        return value if grows else 1 / value
    if (amount := _child(tree, "amount")) is not None:
        if _token(amount, "PX"):
            raise refusal("A change of size is said in per cent or as a factor")
        if _token(amount, "HALF"):
            return 1.5 if grows else 0.5
        share = _value(_token(amount, "NUMBER")) / 100
        if not _token(amount, "PERCENT"):
            raise refusal("A change of size is said in per cent or as a factor")
        return 1 + share if grows else 1 - share
    return _eased(BIGGER if grows else SMALLER, _degree(tree))


def _factor(tree: Phrase, grows: bool) -> float:
    number = _token(tree, "NUMBER") or _token(tree, "TWICE")
    value = _value(number) if number is not None else 0.5
    if tree.data == "by_percent":
        return 1 + value / 100 if grows else 1 - value / 100
    if tree.data == "to_percent":
        return value / 100
    if tree.data == "by_half":
        return 1.5 if grows else 0.5
    if tree.data == "to_half":
        return 0.5
    return value if grows else 1 / value


def _sentence(action: Action) -> str:
    """The action in plain words."""
    names = ", ".join(action.objects[:4]) + (f" and {len(action.objects) - 4} more" if len(action.objects) > 4 else "")
    if isinstance(action, Remove):
        return f"Remove {names}."
    if isinstance(action, Modify):
        return f"Change {names}: {action.change}."
    if isinstance(action, Resize):
        return f"Scale {names} by {action.scale:g}."
    if isinstance(action, Move):
        place = action.to
        if place.relation == "by":
            return f"Move {names} by {place.x:g} px right and {place.y:g} px down."
        if place.relation == "at":
            return f"Move {names} to {place.x:.0%} across and {place.y:.0%} down."
        return f"Move {names} {place.relation.replace('_', ' ')} {' and '.join(place.anchors)}."
    if isinstance(action, Background):
        return f"Change the background: {action.to}."
    return f"Change the whole picture: {getattr(action, 'style', '')}."

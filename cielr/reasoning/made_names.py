"""Names of what a plan makes: the model says new_1, people and later steps say orange_2."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..actions import Plan
from ..actions.made import labels_by_id
from ..core.ids import UsedIds
from ..core.scene import Scene

_NEW = re.compile(r"new_\d+")
_USES = ("targets", "keep", "anchors")


def with_needed_names(actions: Sequence[Mapping[str, Any]], scene: Scene) -> list[dict[str, Any]]:
    """The raw actions of an answer without names that no action uses: too few or too many of them do no harm."""
    used = set().union(*map(_used_by, actions)) - set(scene.ids)

    def is_needless(name: str, value: Any) -> bool:
        if name != "makes" or not isinstance(value, list):
            return False
        return not any(isinstance(made, str) and made in used for made in value)

    return [{name: value for name, value in raw.items() if not is_needless(name, value)} for raw in actions]


def named_by_label(plan: Plan, scene: Scene) -> Plan:
    """A plan that fits the scene, with what is called new_1 in it named by its label: orange_2."""
    labels, used = labels_by_id(scene), UsedIds(scene.used_ids)
    names: dict[str, str] = {}
    for action in plan.actions:
        made = action.makes_labels(labels)
        for name, label in zip(getattr(action, "makes", ()) or used.free(made), made, strict=True):
            labels[name] = label
            if _NEW.fullmatch(name):
                names[name] = used.free([label])[0]
            used.add([names.get(name, name)])
    if not names:
        return plan
    return Plan.model_validate(_renamed(plan.model_dump(mode="json", by_alias=True), names))


def _used_by(action: Mapping[str, Any]) -> set[str]:
    """Ids that a raw action speaks of."""
    parts = [action, *(action[name] for name in ("to", "where") if isinstance(action.get(name), Mapping))]
    lists = (part[name] for part in parts for name in _USES if isinstance(part.get(name), list))
    return {name for names in lists for name in names if isinstance(name, str)}


def _renamed(value: Any, names: Mapping[str, str], is_ids: bool = False) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names, is_ids) for item in value]
    if isinstance(value, dict):
        return {name: _renamed(item, names, name in (*_USES, "makes")) for name, item in value.items()}
    return names.get(value, value) if is_ids and isinstance(value, str) else value


__all__ = ["named_by_label", "with_needed_names"]

"""Kinds of actions and of places, for lists that ComfyUI builds at its start, when nothing of the engine is loaded.

Made by scripts/make_action_tables.py from cielr/actions: not to be changed by hand.
"""

KINDS = [
    "remove",
    "replace",
    "modify",
    "add",
    "background",
    "move",
    "resize",
    "turn",
    "swap",
    "duplicate",
    "extract",
    "global",
]
RELATIONS = [
    "by",
    "at",
    "left_of",
    "right_of",
    "above",
    "below",
    "next_to",
    "on",
    "inside",
    "between",
    "in_front_of",
    "behind",
]
OPTIONS = [
    "keep",
    "free",
    "tiny",
    "small",
    "medium",
    "large",
    "same",
    "left_right",
    "upside_down",
]

"""Kinds of actions and their options, for lists that ComfyUI builds at its start, when no kind is loaded.

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

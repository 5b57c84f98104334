"""CIELR: complex image editing via LLM reasoning.

    result = cielr.edit("photo.jpg", "remove the second coin from the left in the top row", labels=["coin"])

Names are loaded when they are first used, so that `import cielr` costs almost nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "edit": "pipeline",
    "perceive": "pipeline",
    "reason": "pipeline",
    "carry_out": "pipeline",
    "work_out": "pipeline",
    "EditRequest": "pipeline",
    "ReasonOptions": "reasoning.options",
    "EditResult": "pipeline",
    "Box": "core.geometry",
    "Mask": "core.geometry",
    "Scene": "core.scene",
    "SceneObject": "core.scene",
    "SceneUpdate": "core.scene",
    "Plan": "actions.plan",
    "Place": "actions.place",
    "Region": "region",
    "regions": "region",
    "Event": "telling.trace",
    "Trace": "telling.trace",
    "CielrError": "errors",
    "ImageError": "errors",
    "SceneError": "errors",
    "PlanError": "errors",
    "NotUnderstood": "errors",
    "NothingMatches": "errors",
    "Ambiguous": "errors",
    "ClarificationNeeded": "errors",
    "EditError": "errors",
    "LLMError": "errors",
    "ComfyError": "errors",
    "MissingDependency": "errors",
    "Cancelled": "errors",
}

__all__ = ["__version__", *_HOME]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'cielr' has no attribute '{name}'")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


if TYPE_CHECKING:
    from .actions import Place, Plan  # noqa: F401
    from .core.geometry import Box, Mask  # noqa: F401
    from .core.scene import Scene, SceneObject, SceneUpdate  # noqa: F401
    from .errors import (  # noqa: F401
        Ambiguous,
        Cancelled,
        CielrError,
        ClarificationNeeded,
        ComfyError,
        EditError,
        ImageError,
        LLMError,
        MissingDependency,
        NothingMatches,
        NotUnderstood,
        PlanError,
        SceneError,
    )
    from .pipeline import EditRequest, EditResult, carry_out, edit, perceive, reason, work_out  # noqa: F401
    from .reasoning.options import ReasonOptions  # noqa: F401
    from .region import Region, regions  # noqa: F401
    from .telling.trace import Event, Trace  # noqa: F401

"""The whole way, from an image and an instruction to the edited image.

In: an image and an `EditRequest`. Out: an `EditResult`. Open `run.py` first.
"""

from .request import Draft, EditRequest, EditResult
from .run import carry_out, edit, perceive, reason, work_out

__all__ = ["Draft", "EditRequest", "EditResult", "carry_out", "edit", "perceive", "reason", "work_out"]

"""Samplers by the names that artists know: the nodes' lists are made from them while ComfyUI starts."""

from __future__ import annotations

from collections.abc import Mapping

SCHEDULERS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "ddim": ("DDIMScheduler", {}),
    "dpmpp_2m": ("DPMSolverMultistepScheduler", {}),
    "dpmpp_2m_karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler_ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "unipc": ("UniPCMultistepScheduler", {}),
}
"""Samplers by the names that artists know: the nodes' lists are made from them while ComfyUI starts."""
FLOW_SCHEDULERS: Mapping[str, tuple[str, Mapping[str, object]]] = {"euler": ("FlowMatchEulerDiscreteScheduler", {})}
"""Those that fit flow-matching models: their pipelines hand over sigmas that others do not take."""

"""Language models that ComfyUI itself loads: Qwen3-VL, Qwen 3.5, Gemma 4 and others that Generate Text runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comfy_api.latest import io

from .llm import LanguageModel, llm_output, loop_inputs, loop_of, temperature_input
from .sockets import advanced


@dataclass(frozen=True, repr=False)
class CoreModel(LanguageModel):
    """A language model that is a CLIP of ComfyUI's, in its memory management: nobody is asked, and nothing is sent."""

    clip: Any = None

    def chat(self) -> Any:
        """A new chat with the model.

        Raises:
            LLMError: where the CLIP does not generate.
        """
        from .internal.core_chat import CoreChat

        return CoreChat(self.clip, **dict(self.options))


class CoreLLM(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_CoreLLM",
            display_name="Core LLM",
            category="CIELR/2 reason",
            description="A language model that ComfyUI itself has loaded, as a CLIP: Qwen3-VL, Gemma 4 and others.",
            inputs=[
                io.Clip.Input(
                    "clip",
                    tooltip="From Load CLIP: a model that Generate Text can run. Qwen3-VL, Qwen 3.5, Gemma 3 with "
                    "vision and Gemma 4 see the photo; Qwen3, Gemma 2 and Ministral only read the scene.",
                ),
                temperature_input(),
                advanced(
                    io.Int.Input(
                        "longest",
                        default=0,
                        min=0,
                        max=32768,
                        step=64,
                        tooltip="Tokens of one answer at most. 0: what a plan for the scene at hand may need.",
                    )
                ),
                *loop_inputs(free_vram=False),
            ],
            outputs=[llm_output()],
        )

    @classmethod
    def execute(cls, clip, temperature=0.0, longest=0, seed=0, **loop) -> io.NodeOutput:
        from .internal.core_chat import language_of

        options = (("temperature", temperature), ("longest", longest), ("seed", seed))
        name = language_of(clip).name
        return io.NodeOutput(CoreModel("core", name, "", options, loop_of(**loop), free_vram=False, clip=clip))


def offered() -> list[type[io.ComfyNode]]:
    """The node, where this ComfyUI's text encoders generate; they are imported long before any pack."""
    import comfy.sd

    return [CoreLLM] if hasattr(comfy.sd.CLIP, "generate") else []


__all__ = ["CoreLLM", "CoreModel", "offered"]

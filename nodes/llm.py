"""Language models for LLM Reason & Refine. Keys come from the server's environment alone, never from a workflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from comfy_api.latest import io

from .internal import local_llm
from .internal.ollama_models import installed
from .sockets import LLM, advanced, among, first_wrong, must, stepper

THINK = {"as the model likes": None, "off": False, "low": "low", "medium": "medium", "high": "high"}
BY_NAME = "named below"
"""The choice in the list of models that leaves it to the name typed under it."""


@dataclass(frozen=True)
class LanguageModel:
    """A language model's settings, as they travel on the LLM socket.

    Attributes:
        kind: "ollama", "openai", "local", or "core" for a CLIP; address: of the server, "" is the environment's.
        file: of a local model.
        options: of the chat's class; loop: of the reasoning with it (rounds, grammar first, assume, prompt).
        free_vram: ComfyUI's own models leave the memory first, where the server runs on this machine.
    """

    kind: str
    model: str
    address: str
    options: tuple[tuple[str, Any], ...] = ()
    loop: tuple[tuple[str, Any], ...] = ()
    free_vram: bool = True
    file: str = ""

    def chat(self) -> Any:
        """A new chat with the model.

        Raises:
            CielrError: where its package is missing, or the address is none.
        """
        options = dict(self.options)
        if self.kind == "local":
            return local_llm.chat_with(self.file, options)
        if self.kind == "ollama":
            from ..cielr.reasoning.chats.ollama_chat import OllamaChat

            return OllamaChat(self.model, self.address or None, **options)
        from ..cielr.reasoning.chats.openai_chat import OpenAIChat

        return OpenAIChat(self.model, self.address or None, **options)

    def __str__(self) -> str:
        return f"{self.kind}/{self.model}"

    __repr__ = __str__


def temperature_input() -> Any:
    return advanced(
        io.Float.Input(
            "temperature", default=0.0, min=0.0, max=2.0, step=0.05, tooltip="0 gives the same plan each time."
        )
    )


def context_input() -> Any:
    return advanced(
        io.Int.Input(
            "context",
            default=0,
            min=0,
            max=1_000_000,
            step=1024,
            tooltip="Token limit of the conversation. 0: as many as it needs, up to the model's own limit.",
        )
    )


def loop_inputs(free_vram: bool = True) -> list[Any]:
    """What all of them have: the seed, and how the reasoning with the model goes."""
    from ..cielr.reasoning.options import PROMPTS

    inputs = [
        io.Int.Input(
            "seed",
            default=0,
            min=0,
            max=0x7FFFFFFF,
            control_after_generate=True,
            tooltip="Seed of the model's sampling; another seed asks it again.",
        ),
        advanced(
            io.Int.Input(
                "max_rounds",
                default=4,
                min=1,
                max=50,
                tooltip="How many answers the model may give for one instruction.",
            )
        ),
        advanced(
            io.Boolean.Input(
                "grammar_first",
                default=True,
                tooltip="Explicit instructions that the built-in grammar understands do not call the model.",
            )
        ),
        advanced(
            io.Boolean.Input(
                "assume",
                default=False,
                tooltip="Instead of asking you, the model decides and says what it assumed.",
            )
        ),
        advanced(
            io.Boolean.Input(
                "free_vram",
                default=True,
                tooltip="Push ComfyUI's own models out of the GPU first, where the server runs on this machine.",
            )
        ),
        advanced(
            io.Combo.Input(
                "prompt",
                options=list(PROMPTS),
                default="auto",
                optional=True,
                tooltip="full asks the model everything at once; brief asks it small questions, which suits small "
                "models; auto is brief for models below 8 billion parameters.",
            )
        ),
    ]
    return [each for each in inputs if free_vram or each.id != "free_vram"]


def llm_output() -> Any:
    return LLM.Output(display_name="llm", tooltip="For LLM Reason & Refine, and for Scene Parse.")


class OllamaLLM(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_OllamaLLM",
            display_name="Ollama LLM",
            category="CIELR/2 reason",
            description="A language model that an Ollama server runs. It frees its memory after the last round.",
            inputs=[
                io.Combo.Input(
                    "model",
                    options=[BY_NAME, *installed()],
                    default=BY_NAME,
                    tooltip="What the server at OLLAMA_HOST (or this machine) holds; press R to ask it again.",
                ),
                io.String.Input(
                    "other_model",
                    default="",
                    placeholder="qwen3:8b",
                    tooltip="A model by name, used instead of the list.",
                ),
                advanced(
                    io.String.Input(
                        "host",
                        default="",
                        placeholder="http://127.0.0.1:11434",
                        tooltip="The server's address. Empty: OLLAMA_HOST of ComfyUI's environment, or this machine.",
                    )
                ),
                temperature_input(),
                context_input(),
                advanced(
                    io.Combo.Input(
                        "thinking",
                        options=list(THINK),
                        default="as the model likes",
                        tooltip="Whether a model that can think first may do so.",
                    )
                ),
                advanced(
                    io.Boolean.Input(
                        "keep_loaded",
                        default=False,
                        tooltip="Leave the model in memory after the last round. Off: the diffusion model gets the "
                        "memory.",
                    )
                ),
                *loop_inputs(),
            ],
            outputs=[llm_output()],
        )

    @classmethod
    def validate_inputs(cls, thinking="as the model likes", model="", other_model="", host=""):
        known = among(thinking, THINK, f"'{thinking}' is not a way of thinking; there are {', '.join(THINK)}.")
        return first_wrong(known, _may_be_saved(host, "OLLAMA_HOST"))

    @classmethod
    def execute(
        cls,
        model="",
        other_model="",
        host="",
        temperature=0.0,
        context=0,
        thinking="as the model likes",
        keep_loaded=False,
        seed=0,
        free_vram=True,
        **loop,
    ) -> io.NodeOutput:
        name = other_model.strip() or (model or "").strip().removeprefix(BY_NAME)
        if not name:
            raise ValueError(
                "No model is named: choose one from the list, or type its name. Where the list is empty, is Ollama "
                "running (ollama serve), and has it a model (ollama pull qwen3:8b)?"
            )
        must(cls.validate_inputs(thinking, host=host))
        options = _options(temperature, context, THINK[thinking], keep_loaded, seed)
        return io.NodeOutput(LanguageModel("ollama", name, host.strip(), options, loop_of(**loop), free_vram))


class OpenAILLM(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_OpenAILLM",
            display_name="OpenAI-compatible LLM",
            category="CIELR/2 reason",
            description=(
                "A language model of any server that speaks OpenAI's chat completions: llama.cpp, vLLM, LM Studio, or "
                "a hosted one. The key comes from ComfyUI's environment and goes only to the server that it belongs to."
            ),
            inputs=[
                io.String.Input("model", default="", placeholder="qwen3-8b", tooltip="As the server names it."),
                io.String.Input(
                    "url",
                    default="",
                    placeholder="http://127.0.0.1:8080/v1",
                    tooltip="Up to and including /v1. Empty: CIELR_BASE_URL or OPENAI_BASE_URL of the environment.",
                ),
                temperature_input(),
                io.Boolean.Input(
                    "vision", default=False, tooltip="The model takes pictures; such servers do not say so themselves."
                ),
                *loop_inputs(),
            ],
            outputs=[llm_output()],
        )

    @classmethod
    def validate_inputs(cls, url=""):
        return _may_be_saved(url, "CIELR_BASE_URL")

    @classmethod
    def execute(cls, model="", url="", temperature=0.0, vision=False, seed=0, free_vram=True, **loop) -> io.NodeOutput:
        if not model.strip():
            raise ValueError("No model is named: type its name as the server knows it.")
        must(cls.validate_inputs(url))
        options = (("temperature", temperature), ("vision", vision), ("seed", seed))
        return io.NodeOutput(LanguageModel("openai", model.strip(), url.strip(), options, loop_of(**loop), free_vram))


class LocalLLM(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_LocalLLM",
            display_name="Local LLM",
            category="CIELR/2 reason",
            description="A language model in a GGUF file, run by llama.cpp inside ComfyUI: no server, and nothing "
            "leaves this machine. It gives its memory back after the last round.",
            inputs=[
                io.Combo.Input(
                    "model",
                    options=local_llm.listed(),
                    tooltip="GGUF files in models/LLM. '(download)' fetches it from the Hugging Face hub when the node "
                    "runs.",
                ),
                temperature_input(),
                context_input(),
                advanced(
                    io.Boolean.Input(
                        "thinking",
                        default=False,
                        tooltip="Let a model that can think do so first; small ones take long over it.",
                    )
                ),
                advanced(
                    io.Boolean.Input(
                        "keep_loaded",
                        default=False,
                        tooltip="Leave the model in memory, with what it has read, until ComfyUI needs the room or you "
                        "unload the models. Off: the diffusion model gets the memory.",
                    )
                ),
                *loop_inputs(),
            ],
            outputs=[LLM.Output(display_name="llm", tooltip="For LLM Reason & Refine.")],
        )

    @classmethod
    def validate_inputs(cls, model=None):
        if model is not None and not local_llm.is_known(model):
            return (
                f"There is no language model '{model}' in ComfyUI's folder models/{local_llm.FOLDER}, nor in the "
                "catalogue; put a GGUF file there and press R to refresh the list."
            )
        return True

    @classmethod
    def fingerprint_inputs(cls, model=None, **_):
        return local_llm.stamp(model or "")

    @classmethod
    def execute(
        cls,
        model,
        temperature=0.0,
        context=0,
        thinking=False,
        keep_loaded=False,
        seed=0,
        free_vram=True,
        **loop,
    ) -> io.NodeOutput:
        must(cls.validate_inputs(model))
        file = local_llm.located(model, stepper())
        options = _options(temperature, context, thinking, keep_loaded, seed)
        name = model.removesuffix(local_llm.DOWNLOAD)
        return io.NodeOutput(LanguageModel("local", name, "", options, loop_of(**loop), free_vram, str(file)))


def _options(temperature: float, context: int, think: Any, keep_loaded: bool, seed: int) -> tuple[tuple[str, Any], ...]:
    """Of a chat whose model is loaded for it; context 0 is as many tokens as it needs."""
    named = {"temperature": temperature, "context": context or None, "think": think, "keep_loaded": keep_loaded}
    return (*named.items(), ("seed", seed))


def _may_be_saved(address: str | None, variable: str) -> bool | str:
    """True for an address without user, password or key: workflows are saved into pictures, and those are shown."""
    address = address or ""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
    except ValueError:
        return True
    if parts.username or parts.password or parts.query:
        return (
            f"This address holds a name, a password or a key, which would be saved with the workflow; put it into "
            f"{variable} of ComfyUI's environment, and leave the field empty."
        )
    return True


def loop_of(
    max_rounds: int = 4, grammar_first: bool = True, assume: bool = False, prompt: str = "auto"
) -> tuple[tuple[str, Any], ...]:
    return ("max_rounds", max_rounds), ("auto", grammar_first), ("assume", assume), ("prompt", prompt)


def loop_settings(llm: Any) -> dict[str, Any]:
    """How the reasoning goes with what came on the LLM socket; a chat of another pack has no settings."""
    return dict(llm.loop) if isinstance(llm, LanguageModel) else {}


__all__ = ["LanguageModel", "LocalLLM", "OllamaLLM", "OpenAILLM", "loop_inputs", "loop_of", "loop_settings"]

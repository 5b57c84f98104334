"""Language models in files: what the node lists, and the one that stays in memory, which ComfyUI can push out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import folder_paths

FOLDER = "LLM"
"""Below ComfyUI's `models`, where other packs keep theirs; extra_model_paths.yaml may add to it."""
DOWNLOAD = "  (download)"
KEPT: dict[tuple[Any, ...], tuple[Any, Any]] = {}
"""Settings -> (the chat, what ComfyUI holds for it); one at most."""


def add_folder() -> None:
    """Makes the folder known to ComfyUI; what others registered under its name stays."""
    folder_paths.add_model_folder_path(FOLDER, str(Path(folder_paths.models_dir) / FOLDER))


def listed() -> list[str]:
    """Names of the files that are here, then the catalogue's that would be fetched."""
    from ...cielr.weights.catalogue import LANGUAGE_MODELS

    here = _here()
    return [*here, *(weights.name + DOWNLOAD for weights in LANGUAGE_MODELS if weights.name not in here)]


def is_known(choice: str) -> bool:
    """Whether a choice is there or can be fetched; a workflow that was saved before the fetching goes on working."""
    from ...cielr.weights.catalogue import LANGUAGE_MODELS

    name = choice.removesuffix(DOWNLOAD)
    return choice in _here() or (choice.endswith(DOWNLOAD) and name in {weights.name for weights in LANGUAGE_MODELS})


def located(choice: str, on_step: Any = None) -> Path:
    """The file of a choice; fetched first, where the choice says so.

    Raises:
        CielrError: where it is not there any more, or cannot be fetched.
    """
    from ...cielr.reasoning.chats.local_models import local_model
    from ...cielr.weights.catalogue import LANGUAGE_MODELS, entry
    from ...cielr.weights.fetch import fetch

    name = choice.removesuffix(DOWNLOAD)
    roots = _roots()
    if choice.endswith(DOWNLOAD) and name not in _here():
        weights = entry(name, LANGUAGE_MODELS)
        return fetch(weights, target=roots[0] / weights.name, on_step=on_step) / weights.files[0]
    return local_model(name, roots)


def stamp(choice: str) -> str:
    """Changes when another file is put under the same name; "" where there is none yet."""
    file = _here().get(choice.removesuffix(DOWNLOAD))
    return str(file.stat().st_mtime_ns) if file is not None else ""


def chat_with(file: str, options: dict[str, Any]) -> Any:
    """The chat with a file; one that is to stay is the same each time, with what it has read.

    Raises:
        CielrError: where the runtime is missing, or the file holds no language model.
    """
    key = (file, Path(file).stat().st_mtime_ns, *sorted(options.items()))
    for other in [known for known in KEPT if known != key]:
        # two would not fit beside a painter
        KEPT.pop(other)[0].close()
    if not options["keep_loaded"]:
        return _chat(file, options)
    import comfy.model_management as management

    if key not in KEPT:
        chat = _chat(file, options)
        KEPT[key] = chat, _held(chat, Path(file).stat().st_size if chat.is_local else 0)
    chat, held = KEPT[key]
    management.load_models_gpu([held])
    return chat


def _chat(file: str, options: dict[str, Any]) -> Any:
    from ...cielr.reasoning.chats.local_chat import LocalChat

    return LocalChat(file, **options)


def _held(chat: Any, size: int) -> Any:
    """What stands for the model in ComfyUI's list of loaded ones: when it is pushed out, the memory is given back.

    Args:
        size: bytes of the GPU's memory.
    """
    import comfy.model_management as management
    import comfy.model_patcher
    import torch

    class LanguageModelInMemory(torch.nn.Module):
        """Its weights are llama.cpp's, and not torch's."""

    class Held(comfy.model_patcher.ModelPatcher):
        def detach(self, unpatch_all: bool = True) -> Any:
            if unpatch_all:
                chat.close()
            return super().detach(unpatch_all)

    device = management.get_torch_device()
    return Held(LanguageModelInMemory(), load_device=device, offload_device=torch.device("cpu"), size=size)


def _here() -> dict[str, Path]:
    from ...cielr.reasoning.chats.local_models import local_models

    return local_models(_roots())


def _roots() -> list[Path]:
    return [Path(root) for root in folder_paths.get_folder_paths(FOLDER)]

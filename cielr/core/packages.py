"""What the project needs of other packages and of ComfyUI, what else it can use, and what of it is installed."""

from __future__ import annotations

import re

COMFYUI = "0.3.64"
"""The oldest that the nodes work in."""

_NEEDED = "numpy>=1.26.4 pillow>=11.3 scipy>=1.11.4 scikit-image>=0.22 pydantic>=2.7 typer>=0.16 rich>=13.7"
NEEDED = {name: least for name, _, least in (package.partition(">=") for package in _NEEDED.split())}
"""Packages that the engine cannot do without, and the oldest version that its tests have run with."""

OPTIONAL = {
    "torch": ("models", "neural networks: better eyes, and inpainting"),
    "torchvision": ("sam", "segment-anything"),
    "transformers": ("models", "detectors, segmenters and depth"),
    "diffusers": ("models", "inpainting outside ComfyUI"),
    "accelerate": ("models", "loading large models"),
    "safetensors": ("models", "reading weights"),
    "huggingface_hub": ("models", "fetching weights"),
    "spandrel": ("models", "LaMa fill"),
    "segment-anything": ("sam", "original SAM weights"),
    "ollama": ("llm", "a local language model"),
    "httpx": ("llm", "OpenAI-compatible servers, and ComfyUI's"),
    "xllamacpp": ("local", "a language model in a file, without a server"),
    "websockets": ("comfy", "`cielr comfy`"),
    "lpips": ("eval", "LPIPS in benchmarks"),
    "pillow-heif": ("heic", "HEIC photos"),
    "isal": ("fast", "PNG and TIFF files written faster"),
    "ray": ("scale", "`cielr batch --ray`, on many machines"),
    "fsspec": ("store", "`cielr batch` with object stores (s3://, gs://)"),
    "llguidance": ("core", "ComfyUI's own language models held to the form of their answers"),
}
"""Package: the extra that brings it, and what it is for."""


def installed(package: str) -> str | None:
    """Its version, or None where it is not there."""
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def is_older(version: str, least: str) -> bool:
    """Whether a version comes before another one, by its first three numbers."""
    return _numbers(version) < _numbers(least)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])

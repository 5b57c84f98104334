"""What works on this machine, and what to do about what does not. Asks no other machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ..core.text import plain
from ..weights.folders import find_comfyui, model_folders

Status = Literal["ok", "absent", "broken"]
"""absent: optional and not there; broken: there and unusable, or needed and not there."""
MARKS: dict[Status, str] = {"ok": "ok", "absent": "–", "broken": "!!"}

COMFYUI = "0.3.64"
"""The oldest that the nodes work in."""
OLLAMA, OLLAMA_SECONDS = "http://127.0.0.1:11434", 1.0

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

STARTED = {
    "torch": ("does not start", "Install it again: pytorch.org/get-started"),
    "torchvision": ("does not fit this torch", "Install the pair that belongs together, or remove torchvision."),
}
"""Those of them that fail in many ways where they do not fit their machine: what is then wrong, and what to do."""

MODEL_FOLDERS = "checkpoints diffusers diffusion_models unet inpaint grounding-dino owlv2 sams sam2 sam3 depthanything"
"""Below ComfyUI's `models`, where users have the weights that are of use here."""
WEIGHTS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf")


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it stands, what to do where it does not work, and for `--json` the facts behind it."""

    name: str
    status: Status
    text: str
    advice: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Examination:
    """All findings."""

    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether nothing is broken; what is merely absent leaves the built-in way."""
        return all(finding.status != "broken" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"usable": self.usable, "findings": [asdict(finding) for finding in self.findings]}


def examine() -> Examination:
    """Looks at this machine; a second or two where torch is installed."""
    comfyui = find_comfyui()
    version = ".".join(map(str, sys.version_info[:3]))
    facts = {"version": version, "executable": sys.executable, "platform": sys.platform}
    python = Finding("Python", "ok", f"{version} ({sys.executable})", data=facts)
    models = _comfyui(comfyui), _weights(comfyui), _ollama(os.environ.get("OLLAMA_HOST", ""))
    return Examination((python, *_packages(), *_torch(), *models, *_space(comfyui)))


def report(examination: Examination) -> str:
    """The findings as text, one line each, and an advice below where there is one."""
    width = max(len(finding.name) for finding in examination.findings)
    lines = []
    for finding in examination.findings:
        lines.append(f"{MARKS[finding.status]:<3} {finding.name:<{width}}  {finding.text}")
        lines += [f"{'':<{width + 6}}→ {finding.advice}"] if finding.advice else []
    ends = (
        "Something is broken: see the lines marked !!.",
        "Everything that is needed works; lines marked – are optional.",
    )
    return "\n".join([*lines, "", ends[examination.usable]])


def _packages() -> Iterator[Finding]:
    there = {name: version for name in NEEDED if (version := _version(name))}
    for name, least in NEEDED.items():
        if name not in there:
            yield Finding(name, "broken", "not installed, and nothing works without it", f"pip install {name}")
        elif _numbers(there[name]) < _numbers(least):
            yield Finding(name, "broken", f"{there[name]} is too old", f'pip install "{name}>={least}"')
    yield Finding("packages", "ok", ", ".join(map(" ".join, there.items())), data=there)
    for name, (extra, use) in OPTIONAL.items():
        facts = {"version": _version(name), "extra": extra}
        if facts["version"] is None:
            yield Finding(name, "absent", f"not installed; for {use}", f"pip install {name}", facts)
        elif name not in STARTED:
            yield Finding(name, "ok", facts["version"], data=facts)


def _torch() -> Iterator[Finding]:
    for name, (trouble, advice) in STARTED.items():
        version = _version(name)
        if version is None:
            return
        try:
            module = import_module(name)
        except Exception as error:
            # none of the many ways may stop the examination
            first = [*str(error).splitlines(), type(error).__name__][0][:160].rstrip(".")
            yield Finding(name, "broken", f"{version} {trouble}: {first}", advice, {"version": version})
            return
        device, memory = _device(module) if name == "torch" else ("", {})
        slow = "Diffusion models will be slow here." if device == "cpu" else ""
        where = "the processor only" if slow else f"{device}, {_gigabytes(**memory)}" if memory else device
        text = f"{version} on {where}" if where else version
        yield Finding(name, "ok", text, slow, {"version": version, "device": device, **memory})


def _device(torch: Any) -> tuple[str, dict[str, int]]:
    """(name, memory in bytes) of the device that models would run on."""
    try:
        if torch.cuda.is_available():
            free, total = torch.cuda.mem_get_info()
            return torch.cuda.get_device_name(), {"free": free, "total": total}
        return ("Apple GPU (mps)" if torch.backends.mps.is_available() else "cpu"), {}
    except Exception:
        # a driver that does not answer is the same as none
        return "cpu", {}


def _comfyui(folder: Path | None) -> Finding:
    if folder is None:
        advice = "Set COMFYUI_PATH to its folder, if it is elsewhere; the command line works without it."
        return Finding("ComfyUI", "absent", "not found", advice)
    files = [file for name in ("comfyui_version.py", "pyproject.toml") if (file := folder / name).is_file()]
    text = "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    match = re.search(r"""^(?:__version__|version)\s*=\s*["']([^"']+)""", text, re.MULTILINE)
    own = Path(__file__).resolve().parents[1]
    pack = next((str(path) for path in folder.glob("custom_nodes/*") if path.resolve() == own), None)
    facts = {"folder": str(folder), "version": match and match[1], "pack": pack}
    words = f"{match[1] if match else 'unknown version'} in {folder}"
    if match and _numbers(match[1]) < _numbers(COMFYUI):
        return Finding("ComfyUI", "broken", f"{words} is too old", f"Update it to {COMFYUI} or newer.", facts)
    if pack is None:
        advice = f"Put the pack into {folder / 'custom_nodes'}."
        return Finding("ComfyUI", "ok", f"{words}, without this pack", advice, facts)
    return Finding("ComfyUI", "ok", words, data=facts)


def _weights(folder: Path | None) -> Finding:
    """What lies in ComfyUI's folders, and the models of the catalogue as `cielr weights check` finds them."""
    from ..weights.catalogue import check

    folders = {}
    for kind in MODEL_FOLDERS.split() if folder else ():
        files = [file for place in model_folders(kind) for file in place.rglob("*") if file.suffix.lower() in WEIGHTS]
        if sizes := [file.stat().st_size for file in files if file.is_file()]:
            folders[kind] = {"files": len(sizes), "bytes": sum(sizes)}
    known = [model for model in check(deep=False) if model.state != "missing"]
    facts = {"folders": folders, "catalogue": {model.weights.name: model.state for model in known}}
    if damaged := [model for model in known if model.state == "damaged"]:
        text = f"damaged: {', '.join(model.weights.name for model in damaged)}; {damaged[0].problems[0].rstrip('.')}"
        return Finding("weights", "broken", text, f"`cielr weights fetch {damaged[0].weights.name}`", facts)
    words = [f"{kind} {each['files']} ({each['bytes'] / 1e9:.1f} GB)" for kind, each in folders.items()]
    if words := words + [model.weights.name for model in known]:
        return Finding("weights", "ok", ", ".join(words), data=facts)
    where = f"none in {folder / 'models'}" if folder else "none, and no ComfyUI"
    advice = "The built-in way needs none; `cielr weights list` shows what there is for better eyes."
    return Finding("weights", "absent", where, advice, facts)


def _ollama(host: str) -> Finding:
    address = host.strip() or OLLAMA
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        name, port = parts.hostname or "", parts.port or 11434
    except ValueError:
        return Finding("Ollama", "broken", f"OLLAMA_HOST is not an address: {host!r}", f"Write it like {OLLAMA}.")
    if name not in ("localhost", "127.0.0.1", "::1", "0.0.0.0"):
        return Finding("Ollama", "absent", f"OLLAMA_HOST names another machine ({name}), which was not asked")
    server = f"{ {'0.0.0.0': '127.0.0.1', '::1': '[::1]'}.get(name, name) }:{port}"
    try:
        models = _ollama_models(server)
    except (OSError, ValueError):
        advice = "Install it from ollama.com and start it with `ollama serve`; explicit instructions work without it."
        return Finding("Ollama", "absent", f"no server answers at http://{server}", advice)
    if not models:
        advice = "For example `ollama pull qwen3:8b`."
        return Finding("Ollama", "absent", f"runs at http://{server}, but has no model", advice)
    return Finding("Ollama", "ok", f"{', '.join(models)} at http://{server}", data={"models": models})


def _ollama_models(server: str) -> list[str]:
    """Names of the models that HOST:PORT has; raises OSError or ValueError where no Ollama answers in time."""
    # no proxy and no redirection: it is this machine that is asked
    with closing(HTTPConnection(server, timeout=OLLAMA_SECONDS)) as connection:
        try:
            connection.request("GET", "/api/tags")
            models = json.loads(connection.getresponse().read(1_000_000))["models"]
            return [plain(str(model["name"])) for model in models]
        except (HTTPException, LookupError, TypeError) as error:
            raise ValueError("This is not a list of models.") from error


def _space(comfyui: Path | None) -> Iterator[Finding]:
    if hasattr(os, "sysconf"):
        total, free = (os.sysconf("SC_PAGE_SIZE") * os.sysconf(pages) for pages in ("SC_PHYS_PAGES", "SC_AVPHYS_PAGES"))
        yield Finding("memory", "ok", _gigabytes(free, total))
    places = {"here": Path.cwd(), "temporary files": Path(tempfile.gettempdir())}
    for name, place in (places | ({"models": comfyui / "models"} if comfyui else {})).items():
        try:
            usage = shutil.disk_usage(place)
        except OSError as error:
            yield Finding(f"disk, {name}", "absent", f"{place} cannot be asked: {error.strerror or error}")
            continue
        advice = "That is little; models and large photos may not fit." if usage.free < 2e9 else ""
        yield Finding(f"disk, {name}", "ok", f"{_gigabytes(usage.free, usage.total)} in {place}", advice)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])


def _gigabytes(free: int, total: int) -> str:
    return f"{free / 1e9:.1f} of {total / 1e9:.1f} GB free"

"""What works on this machine, and what to do about what does not. Asks no other machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ..perception.models.folders import find_comfyui, model_folders

Status = Literal["ok", "absent", "broken"]
"""absent: optional and not there; broken: there and unusable, or needed and not there."""

PYTHON = (3, 10)
COMFYUI = (0, 3, 64)
"""The oldest ComfyUI that the nodes work in."""
OLLAMA = "http://127.0.0.1:11434"
OLLAMA_SECONDS = 1.0
LITTLE_DISK = 2e9
"""Bytes; less, and a model or a large photo may not fit."""

NEEDED = {
    "numpy": "1.26.4",
    "pillow": "11.3",
    "scipy": "1.11.4",
    "scikit-image": "0.22",
    "pydantic": "2.7",
    "typer": "0.16",
    "rich": "13.7",
}
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
    "websockets": ("comfy", "`cielr comfy`"),
    "lpips": ("eval", "LPIPS in benchmarks"),
    "pillow-heif": ("heic", "HEIC photos"),
    "isal": ("fast", "PNG and TIFF files written faster"),
}
"""Package: the extra that brings it, and what it is for."""

MODEL_FOLDERS = (
    "checkpoints",
    "diffusers",
    "diffusion_models",
    "unet",
    "inpaint",
    "grounding-dino",
    "owlv2",
    "sams",
    "sam2",
    "sam3",
    "depthanything",
)
"""Below ComfyUI's `models`, where users have the weights that are of use here."""
WEIGHTS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf")


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do where it does not work.

    Attributes:
        data: the facts behind the words, for `--json`.
    """

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
    return Examination(
        (
            _python(),
            *_packages(),
            *_torch(),
            _comfyui(comfyui),
            _weights(comfyui),
            _ollama(os.environ.get("OLLAMA_HOST", "")),
            _memory(),
            *_disks(comfyui),
        )
    )


def report(examination: Examination) -> str:
    """The findings as text, one line each, and an advice below where there is one."""
    marks = {"ok": "ok", "absent": "–", "broken": "!!"}
    width = max(len(finding.name) for finding in examination.findings)
    lines = []
    for finding in examination.findings:
        lines.append(f"{marks[finding.status]:<3} {finding.name:<{width}}  {finding.text}")
        if finding.advice:
            lines.append(f"{'':<{width + 6}}→ {finding.advice}")
    lines.append("")
    lines.append(
        "Everything that is needed works; lines marked – are optional."
        if examination.usable
        else "Something is broken: see the lines marked !!."
    )
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------------------ Python


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    facts = {"version": version, "executable": sys.executable, "platform": sys.platform}
    if sys.version_info[:2] < PYTHON:
        return Finding("Python", "broken", version, f"Use Python {'.'.join(map(str, PYTHON))} or newer.", facts)
    return Finding("Python", "ok", f"{version} ({sys.executable})", data=facts)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _packages() -> Iterator[Finding]:
    found = {name: _version(name) for name in NEEDED}
    for name, version in found.items():
        least = NEEDED[name]
        if version is None:
            yield Finding(name, "broken", "not installed, and nothing works without it", f"pip install {name}")
        elif least and _numbers(version) < _numbers(least):
            yield Finding(
                name, "broken", f"{version} is too old", f'pip install "{name}>={least}"', {"version": version}
            )
    there = {name: version for name, version in found.items() if version is not None}
    yield Finding("packages", "ok", ", ".join(f"{name} {version}" for name, version in there.items()), data=there)
    for name, (extra, use) in OPTIONAL.items():
        version = _version(name)
        if name in ("torch", "torchvision") and version is not None:
            continue  # looked at more closely below
        facts = {"version": version, "extra": extra}
        if version is None:
            yield Finding(name, "absent", f"not installed; for {use}", f"pip install {name}", facts)
        else:
            yield Finding(name, "ok", version, data=facts)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])


def _torch() -> Iterator[Finding]:
    version = _version("torch")
    if version is None:
        return
    try:
        import torch
    except Exception as error:
        # a torch that does not fit its machine fails in many ways, none of which may stop the examination
        yield Finding(
            "torch",
            "broken",
            f"{version} does not start: {_first_line(error)}",
            "Install it again: pytorch.org/get-started",
        )
        return
    device, memory = _device(torch)
    facts: dict[str, Any] = {"version": version, "device": device} | memory
    if device == "cpu":
        yield Finding("torch", "ok", f"{version} on the processor only", "Diffusion models will be slow here.", facts)
    else:
        words = f", {memory['free'] / 1e9:.1f} of {memory['total'] / 1e9:.1f} GB free" if memory else ""
        yield Finding("torch", "ok", f"{version} on {device}{words}", data=facts)
    vision = _version("torchvision")
    if vision is None:
        return
    try:
        import torchvision  # noqa: F401
    except Exception as error:
        # with it, nearly every class of transformers fails as well
        yield Finding(
            "torchvision",
            "broken",
            f"{vision} does not fit torch {version}: {_first_line(error)}",
            "Install the pair that belongs together, or remove torchvision.",
            {"version": vision},
        )
    else:
        yield Finding("torchvision", "ok", vision, data={"version": vision})


def _device(torch: Any) -> tuple[str, dict[str, int]]:
    """(name, memory in bytes) of the device that models would run on."""
    try:
        if torch.cuda.is_available():
            free, total = torch.cuda.mem_get_info()
            return torch.cuda.get_device_name(), {"free": free, "total": total}
        if torch.backends.mps.is_available():
            return "Apple GPU (mps)", {}
    except Exception:
        # a driver that does not answer is the same as none
        return "cpu", {}
    return "cpu", {}


# ----------------------------------------------------------------------------------------------------------- ComfyUI


def _comfyui(folder: Path | None) -> Finding:
    if folder is None:
        advice = "Set COMFYUI_PATH to its folder, if it is elsewhere; the command line works without it."
        return Finding("ComfyUI", "absent", "not found", advice)
    version = None
    for name in ("comfyui_version.py", "pyproject.toml"):
        try:
            text = (folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        found = re.search(r"""^(?:__version__|version)\s*=\s*["']([^"']+)""", text, re.MULTILINE)
        if found:
            version = found[1]
            break
    installed = _pack_in(folder)
    facts = {"folder": str(folder), "version": version, "pack": str(installed) if installed else None}
    text = f"{version or 'unknown version'} in {folder}"
    least = ".".join(map(str, COMFYUI))
    if version is not None and _numbers(version) < COMFYUI:
        return Finding("ComfyUI", "broken", f"{text} is too old", f"Update it to {least} or newer.", facts)
    if installed is None:
        return Finding(
            "ComfyUI", "ok", f"{text}, without this pack", f"Put the pack into {folder / 'custom_nodes'}.", facts
        )
    return Finding("ComfyUI", "ok", text, data=facts)


def _pack_in(folder: Path) -> Path | None:
    """This pack below `custom_nodes`, a link to it included."""
    own = Path(__file__).resolve().parents[1]
    try:
        return next((path for path in (folder / "custom_nodes").iterdir() if path.resolve() == own), None)
    except OSError:
        return None


def _weights(folder: Path | None) -> Finding:
    """What lies in ComfyUI's folders, and the models of the catalogue as `cielr weights check` finds them."""
    from ..perception.models.catalogue import check

    found: dict[str, dict[str, int]] = {}
    for name in MODEL_FOLDERS if folder is not None else ():
        for place in model_folders(name):
            sizes = list(_sizes(place))
            if sizes:
                before = found.get(name, {"files": 0, "bytes": 0})
                found[name] = {"files": before["files"] + len(sizes), "bytes": before["bytes"] + sum(sizes)}
    known = [one for one in check(deep=False) if one.state != "missing"]
    facts = {"folders": found, "catalogue": {one.weights.name: one.state for one in known}}
    words = [f"{name} {facts['files']} ({facts['bytes'] / 1e9:.1f} GB)" for name, facts in found.items()]
    words += [one.weights.name for one in known if one.state == "whole"]
    damaged = [one for one in known if one.state == "damaged"]
    if damaged:
        text = f"damaged: {', '.join(one.weights.name for one in damaged)}; {damaged[0].problems[0].rstrip('.')}"
        return Finding("weights", "broken", text, f"`cielr weights fetch {damaged[0].weights.name}`", facts)
    if words:
        return Finding("weights", "ok", ", ".join(words), data=facts)
    where = f"none in {folder / 'models'}" if folder is not None else "none, and no ComfyUI"
    advice = "The built-in way needs none; `cielr weights list` shows what there is for better eyes."
    return Finding("weights", "absent", where, advice, facts)


def _sizes(folder: Path) -> Iterator[int]:
    for where, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(WEIGHTS):
                try:
                    yield (Path(where) / name).stat().st_size
                except OSError:
                    continue


# ------------------------------------------------------------------------------------------------------------ Ollama


def _ollama(host: str) -> Finding:
    address = host.strip() or OLLAMA
    address = (address if "://" in address else f"http://{address}").rstrip("/")
    try:
        name, port = urlsplit(address).hostname or "", urlsplit(address).port
    except ValueError:
        return Finding("Ollama", "broken", f"OLLAMA_HOST is not an address: {host!r}", f"Write it like {OLLAMA}.")
    if name not in ("localhost", "127.0.0.1", "::1", "0.0.0.0"):
        text = f"OLLAMA_HOST names another machine ({name}), which was not asked"
        return Finding("Ollama", "absent", text, data={"address": f"{name}:{port or 11434}"})
    where = "127.0.0.1" if name == "0.0.0.0" else f"[{name}]" if ":" in name else name
    url = f"http://{where}:{port or 11434}"
    try:
        models = _ollama_models(url)
    except (OSError, ValueError):
        advice = "Install it from ollama.com and start it with `ollama serve`; explicit instructions work without it."
        return Finding("Ollama", "absent", f"no server answers at {url}", advice, {"address": url})
    facts: dict[str, Any] = {"address": url, "models": models}
    if not models:
        return Finding(
            "Ollama", "absent", f"runs at {url}, but has no model", "For example `ollama pull qwen3:8b`.", facts
        )
    return Finding("Ollama", "ok", f"{', '.join(models)} at {url}", data=facts)


def _ollama_models(url: str) -> list[str]:
    """Names of the models that a server has.

    Raises:
        OSError, ValueError: where none answers in time, or something else does.
    """
    from http.client import HTTPException
    from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

    from ..core.text import plain

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        # no proxy and no redirection: it is this machine that is asked
        with build_opener(ProxyHandler({}), Stay()).open(f"{url}/api/tags", timeout=OLLAMA_SECONDS) as answer:
            told = json.loads(answer.read(1_000_000))
    except HTTPException as error:
        raise ValueError(str(error)) from error
    models = told.get("models") if isinstance(told, dict) else None
    if not isinstance(models, list):
        raise ValueError("this is not a list of models")
    return [plain(str(model["name"])) for model in models if isinstance(model, dict) and "name" in model]


# ------------------------------------------------------------------------------------------------------------- space


def _memory() -> Finding:
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total, free = page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return Finding("memory", "absent", "this system does not tell")
    text = f"{free / 1e9:.1f} of {total / 1e9:.1f} GB free"
    return Finding("memory", "ok", text, data={"free": free, "total": total})


def _disks(comfyui: Path | None) -> Iterator[Finding]:
    places = {"here": Path.cwd(), "temporary files": Path(tempfile.gettempdir())}
    if comfyui is not None:
        places["models"] = comfyui / "models"
    for name, place in places.items():
        try:
            usage = shutil.disk_usage(place)
        except OSError as error:
            yield Finding(f"disk, {name}", "absent", f"{place} cannot be asked: {error.strerror or error}")
            continue
        little = usage.free < LITTLE_DISK
        yield Finding(
            f"disk, {name}",
            "ok",
            f"{usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB free in {place}",
            "That is little; models and large photos may not fit." if little else "",
            {"folder": str(place), "free": usage.free, "total": usage.total},
        )


def _first_line(error: BaseException) -> str:
    return ((str(error) or type(error).__name__).splitlines() or [""])[0][:160].rstrip(".")

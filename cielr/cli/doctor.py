"""`cielr doctor`: what works on this machine, and what to do about what does not. Asks no other machine."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from platform import python_version
from typing import Any, Literal
from urllib.parse import urlsplit

import typer

from ..core.addresses import OLLAMA, host_of, is_local, ollama_address
from ..core.packages import COMFYUI, NEEDED, OPTIONAL, installed, is_older
from ..core.text import plain
from ..errors import LLMError
from ..weights.folders import comfyui_version, find_comfyui, model_sizes
from .options import Debug, Json
from .terminal import FAILED, print_json, reporting, say, table

MARKS = {"ok": "ok", "absent": "–", "broken": "!!"}
"""absent: optional and not there; broken: there and unusable, or needed and not there."""
OLLAMA_SECONDS = 1.0
STARTED = {
    "torch": ("does not start", "Install it again: pytorch.org/get-started"),
    "torchvision": ("does not fit this torch", "Install the pair that belongs together, or remove torchvision."),
}
"""Packages that fail in many ways where they do not fit their machine: what is then wrong, and what to do."""
MODEL_FOLDERS = "checkpoints diffusers diffusion_models unet inpaint grounding-dino owlv2 sams sam2 sam3 depthanything"
"""Below ComfyUI's `models`, where users have the weights that are of use here."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it stands, what to do where it does not work, and for `--json` the facts behind it."""

    name: str
    status: Literal["ok", "absent", "broken"]
    text: str
    advice: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        advice = [("", "", f"→ {self.advice}")] if self.advice else []
        return [(MARKS[self.status], self.name, self.text), *advice]


def doctor(as_json: Json = False, debug: Debug = False) -> None:
    """Say what works on this machine, and what to do about what does not."""
    with reporting(as_json, debug):
        findings = examine()
        # what is merely absent leaves the built-in way
        usable = all(finding.status != "broken" for finding in findings)
        if as_json:
            print_json({"usable": usable, "findings": [asdict(finding) for finding in findings]})
        else:
            table(row for finding in findings for row in finding.rows)
            works = "Everything that is needed works; lines marked – are optional."
            say(f"\n{works if usable else 'Something is broken: see the lines marked !!.'}")
        if not usable:
            raise typer.Exit(FAILED)


def examine() -> list[Finding]:
    """Looks at this machine; a second or two where torch is installed."""
    comfyui = find_comfyui()
    facts = {"version": python_version(), "executable": sys.executable, "platform": sys.platform}
    python = Finding("Python", "ok", f"{facts['version']} ({sys.executable})", data=facts)
    models = _comfyui(comfyui), _weights(comfyui), _ollama(os.environ.get("OLLAMA_HOST", ""))
    return [python, *_packages(), *_torch(), *models, *_space(comfyui)]


def _packages() -> Iterator[Finding]:
    there = {name: version for name in NEEDED if (version := installed(name))}
    for name, least in NEEDED.items():
        if name not in there:
            yield Finding(name, "broken", "not installed, and nothing works without it", f"pip install {name}")
        elif is_older(there[name], least):
            yield Finding(name, "broken", f"{there[name]} is too old", f'pip install "{name}>={least}"')
    yield Finding("packages", "ok", ", ".join(map(" ".join, there.items())), data=there)
    for name, (extra, use) in OPTIONAL.items():
        facts = {"version": installed(name), "extra": extra}
        if facts["version"] is None:
            yield Finding(name, "absent", f"not installed; for {use}", f"pip install {name}", facts)
        elif name not in STARTED:
            yield Finding(name, "ok", facts["version"], data=facts)


def _torch() -> Iterator[Finding]:
    for name, (trouble, advice) in STARTED.items():
        if (version := installed(name)) is None:
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
            return torch.cuda.get_device_name(), dict(zip(("free", "total"), torch.cuda.mem_get_info(), strict=True))
        return ("Apple GPU (mps)" if torch.backends.mps.is_available() else "cpu"), {}
    except Exception:
        # a driver that does not answer is the same as none
        return "cpu", {}


def _comfyui(folder: Path | None) -> Finding:
    if folder is None:
        advice = "Set COMFYUI_PATH to its folder, if it is elsewhere; the command line works without it."
        return Finding("ComfyUI", "absent", "not found", advice)
    version = comfyui_version(folder)
    own = Path(__file__).resolve().parents[2]
    pack = next((str(path) for path in folder.glob("custom_nodes/*") if path.resolve() == own), None)
    facts = {"folder": str(folder), "version": version, "pack": pack}
    words = f"{version or 'unknown version'} in {folder}"
    if version and is_older(version, COMFYUI):
        return Finding("ComfyUI", "broken", f"{words} is too old", f"Update it to {COMFYUI} or newer.", facts)
    advice = "" if pack else f"Put the pack into {folder / 'custom_nodes'}."
    return Finding("ComfyUI", "ok", words if pack else f"{words}, without this pack", advice, facts)


def _weights(folder: Path | None) -> Finding:
    """What lies in ComfyUI's folders, and the models of the catalogue as `cielr weights check` finds them."""
    from ..weights.catalogue import check

    kinds = MODEL_FOLDERS.split() if folder else ()
    folders = {kind: {"files": len(sizes), "bytes": sum(sizes)} for kind in kinds if (sizes := model_sizes(kind))}
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
    from http.client import HTTPConnection, HTTPException

    try:
        server = ollama_address(host)
        if not is_local(server):
            return Finding(
                "Ollama", "absent", f"OLLAMA_HOST names another machine ({host_of(server)}), which was not asked"
            )
        # no proxy and no redirection: it is this machine that is asked
        with closing(HTTPConnection(urlsplit(server).netloc, timeout=OLLAMA_SECONDS)) as connection:
            connection.request("GET", "/api/tags")
            answer = json.loads(connection.getresponse().read(1_000_000))
        models = [plain(str(model["name"])) for model in answer["models"]]
    except LLMError:
        return Finding("Ollama", "broken", f"OLLAMA_HOST is not an address: {host!r}", f"Write it like {OLLAMA}.")
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        advice = "Install it from ollama.com and start it with `ollama serve`; explicit instructions work without it."
        return Finding("Ollama", "absent", f"no server answers at {server}", advice)
    if not models:
        return Finding("Ollama", "absent", f"runs at {server}, but has no model", "For example `ollama pull qwen3:8b`.")
    return Finding("Ollama", "ok", f"{', '.join(models)} at {server}", data={"models": models})


def _space(comfyui: Path | None) -> Iterator[Finding]:
    if hasattr(os, "sysconf"):
        total, free = (os.sysconf("SC_PAGE_SIZE") * os.sysconf(pages) for pages in ("SC_PHYS_PAGES", "SC_AVPHYS_PAGES"))
        yield Finding("memory", "ok", _gigabytes(free, total))
    places = {"here": Path.cwd(), "temporary files": Path(tempfile.gettempdir())}
    for name, place in (places | ({"models": comfyui / "models"} if comfyui else {})).items():
        try:
            total, _, free = shutil.disk_usage(place)
            advice = "That is little; models and large photos may not fit." if free < 2e9 else ""
            yield Finding(f"disk, {name}", "ok", f"{_gigabytes(free, total)} in {place}", advice)
        except OSError as error:
            yield Finding(f"disk, {name}", "absent", f"{place} cannot be asked: {error.strerror or error}")


def _gigabytes(free: int, total: int) -> str:
    return f"{free / 1e9:.1f} of {total / 1e9:.1f} GB free"

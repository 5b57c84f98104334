"""A workflow in ComfyUI's API format: which of its inputs are to be filled, and with what."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.text import listed, plain
from ..errors import ComfyError

Prompt = dict[str, dict[str, Any]]
"""id -> {"class_type", "inputs", "_meta": {"title"}}; an input is a constant or a link [id, output number]."""

FOLDERS = (Path(__file__).resolve().parents[1] / "workflows", Path(__file__).resolve().parents[2] / "workflows" / "api")
"""The bundled workflows: of an installed package, and of a checkout."""

WANTED: dict[str, tuple[str, str]] = {
    "image": ("LoadImage", "image"),
    "instruction": ("CIELR_Reason", "instruction"),
    "labels": ("CIELR_SceneParse", "labels"),
}
"""What a run is given -> the node class and the input that take it."""

TEXTS = ("value", "text", "string")
"""The input of a node that does nothing but hold a value for others."""


def bundled() -> list[str]:
    """The names of the workflows that come with CIELR."""
    return sorted({path.stem for folder in FOLDERS for path in folder.glob("*.json")})


@dataclass(frozen=True)
class Fill:
    """One input that gets a value; a `Path` stands for a file that is uploaded first."""

    node: str
    input: str
    value: Any


@dataclass(frozen=True)
class Workflow:
    """A workflow and the name that sentences call it by. `prompt` is never changed."""

    name: str
    prompt: Prompt
    is_example: bool = False
    """Whether it comes with CIELR: its photo, labels and instruction then belong together, as an example."""

    @classmethod
    def load(cls, source: str | Path | Mapping[str, Any] | Workflow, name: str = "the workflow") -> Workflow:
        """A bundled workflow by its name, any file in the API format by its path, or such a dict.

        Raises:
            ComfyError: for an unknown name, a file that cannot be read, and one that is in the editor's format.
        """
        if isinstance(source, Workflow):
            return source
        if isinstance(source, Mapping):
            return cls(name, _checked(source, name))
        path = Path(source)
        is_example = not path.suffix and not path.exists()
        if is_example:
            if str(source) not in bundled():
                have = f"bundled are {', '.join(bundled())}" if bundled() else "this installation brings none"
                raise ComfyError(
                    f"There is no workflow '{plain(str(source))}': {have}; or name a file in the API format."
                )
            path = next(path for folder in FOLDERS if (path := folder / f"{source}.json").is_file())
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not a text"
            raise ComfyError(f"The workflow {path} cannot be read: {reason or error}.") from error
        return cls(path.stem, _checked(parsed(text, str(path)), str(path)), is_example)

    @property
    def classes(self) -> list[str]:
        """The node classes it uses, each once, in its order."""
        return list(dict.fromkeys(node["class_type"] for node in self.prompt.values()))

    def title(self, node: str) -> str:
        """What the artist reads on a node. Ids of expanded nodes ("5.0.0.paint") are told as their parent."""
        entry = self.prompt.get(node) or self.prompt.get(node.split(".")[0])
        if entry is None:
            return plain(node)
        title = entry.get("_meta", {}).get("title") if isinstance(entry.get("_meta"), dict) else None
        return plain(str(title or entry["class_type"]))

    def holds(self, node: str) -> bool:
        """Whether a node, or the one that was expanded into it, is of this workflow."""
        return node in self.prompt or node.split(".")[0] in self.prompt

    # ------------------------------------------------------------------------------------------------ what is to fill

    def fills(
        self,
        image: str | Path | None = None,
        instruction: str | None = None,
        labels: str | Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> list[Fill]:
        """Which inputs get what. `settings` are {"NODE.INPUT": value}, a node by its id, title or class.

        The labels of a bundled workflow are its example photo's: another photo empties them, unless the instruction
        speaks of what they name.

        Raises:
            ComfyError: where no node takes a value, or several could.
        """
        fills = self._given(image, instruction, labels, settings)
        goal, _, is_named = self._example_labels(fills)
        return fills if goal is None or is_named else [*fills, Fill(*goal, "")]

    def notices(
        self,
        image: str | Path | None = None,
        instruction: str | None = None,
        labels: str | Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """What is to be known before a run that is filled so, a sentence each: what became of an example's labels."""
        goal, words, is_named = self._example_labels(self._given(image, instruction, labels, settings))
        if goal is None:
            return []
        if is_named:
            return [f"{self.name} looks for '{words}', of which the instruction speaks; --labels changes it."]
        return [f"{self.name} looks for '{words}' in its own photo only; --labels says what to look for in another."]

    def _given(
        self,
        image: str | Path | None,
        instruction: str | None,
        labels: str | Sequence[str] | None,
        settings: Mapping[str, Any] | None,
    ) -> list[Fill]:
        fills = []
        if image is not None:
            fills.append(Fill(*self._taker("image"), Path(image)))
        if instruction is not None:
            fills.append(Fill(*self._taker("instruction"), instruction))
        if labels is not None:
            text = labels if isinstance(labels, str) else ", ".join(labels)
            fills.append(Fill(*self._taker("labels"), text))
        for target, value in (settings or {}).items():
            fills.append(Fill(*self.target(target), value))
        return fills

    def _example_labels(self, fills: Iterable[Fill]) -> tuple[tuple[str, str] | None, str, bool]:
        """Of an example whose photo another one replaces: where its labels are, they, and whether they are spoken of.

        None for where, if that is no matter: labels are given, or it has none, or its photo stays.
        """
        given = {(fill.node, fill.input): fill.value for fill in fills}
        said, places = [], []
        is_other = False
        for node, entry in self.prompt.items():
            for what, (kind, key) in WANTED.items():
                if entry["class_type"] != kind:
                    continue
                own, value = entry["inputs"].get(key, ""), given.get((node, key))
                if what == "image":
                    is_other |= value is not None and Path(value).name != own
                elif what == "instruction":
                    said.append(str(own if value is None else value).casefold())
                elif value is None and own and isinstance(own, str):
                    places.append(((node, key), own))
        if not (self.is_example and is_other and places):
            return None, "", False
        goal, words = places[0]
        spoken = [
            label
            for label in re.split(r"\s*[,;\n]\s*", words.casefold())
            if re.search(rf"\b{re.escape(label)}(s|es)?\b", " ".join(said))
        ]
        return goal, words, bool(spoken)

    def target(self, target: str) -> tuple[str, str]:
        """(node id, input) of "NODE.INPUT".

        Raises:
            ComfyError: where there is no such node, or where several fit.
        """
        name, dot, key = target.rpartition(".")
        if not dot or not name.strip() or not key.strip():
            raise ComfyError(f"'{plain(target)}' names no input; write NODE.INPUT, such as 'Edit Executor.seed'.")
        name, key = name.strip(), key.strip()
        nodes = self._named(name)
        if not nodes:
            raise ComfyError(f"{self.name} has no node '{plain(name)}'; it has {self._list(self.prompt)}.")
        # of several that bear the name, the ones that have such an input are meant
        nodes = [node for node in nodes if key in self.prompt[node]["inputs"]] or nodes
        if len(nodes) > 1:
            raise ComfyError(f"'{plain(name)}' fits several nodes of {self.name}: {self._list(nodes)}; name one by id.")
        return nodes[0], key

    def _named(self, name: str) -> list[str]:
        if name in self.prompt:
            return [name]
        by_title = [node for node in self.prompt if self.title(node).casefold() == name.casefold()]
        by_class = [node for node, entry in self.prompt.items() if entry["class_type"].casefold() == name.casefold()]
        return by_title or by_class

    def _taker(self, what: str) -> tuple[str, str]:
        kind, key = WANTED[what]
        titled = [node for node in self.prompt if self.title(node).casefold() == what]
        nodes = [node for node, entry in self.prompt.items() if entry["class_type"] == kind]
        if not nodes and not titled and what != "image":
            # a node of another pack; an input named "image" is nearly always a wire
            nodes = [node for node, entry in self.prompt.items() if key in entry["inputs"]]
        if len(nodes) != 1:
            # a node that bears the very word as its title is meant, be there none or several of the usual class
            nodes = [node for node in titled if not nodes or node in nodes] or nodes
        if not nodes:
            raise ComfyError(
                f"{self.name} has no {kind} node and none with the title '{what}' that could take the {what}; "
                f"it has {self._list(self.prompt)}: name the input with --set NODE.INPUT=VALUE."
            )
        if len(nodes) > 1:
            raise ComfyError(
                f"Several nodes of {self.name} could take the {what}: {self._list(nodes)}; "
                f"say which with --set {nodes[0]}.{key}=VALUE, or give one of them the title '{what}'."
            )
        node = nodes[0]
        inputs = self.prompt[node]["inputs"]
        if key not in inputs:
            key = next((other for other in TEXTS if other in inputs), key)
        return self._source(node, key, what)

    def _source(self, node: str, key: str, what: str) -> tuple[str, str]:
        """Where a wired input gets its value from, if that is a node that only holds one."""
        value = self.prompt[node]["inputs"].get(key)
        if not is_link(value):
            return node, key
        source = str(value[0])
        inputs = self.prompt.get(source, {}).get("inputs", {})
        held = [name for name in TEXTS if name in inputs and not is_link(inputs[name])]
        if len(held) == 1:
            return source, held[0]
        raise ComfyError(
            f"The {what} of '{self.title(node)}' in {self.name} comes from '{self.title(source)}' by a wire; "
            f"say what to fill with --set NODE.INPUT=VALUE."
        )

    def _list(self, nodes: Iterable[str]) -> str:
        return listed([f"{node} ({self.title(node)})" for node in nodes])

    def filled(self, fills: Iterable[Fill]) -> Prompt:
        """A copy of the prompt with these values in it."""
        prompt = copy.deepcopy(self.prompt)
        for fill in fills:
            prompt[fill.node]["inputs"][fill.input] = fill.value
        return prompt


def is_link(value: Any) -> bool:
    """Whether an input's value is a wire from another node's output."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def parsed(text: str, name: str) -> Any:
    """JSON, or one sentence."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise ComfyError(f"{name} is not a workflow: it is not JSON ({error}).") from error
    except RecursionError as error:
        raise ComfyError(f"{name} is not a workflow: it is nested too deep.") from error


def _checked(data: Any, name: str) -> Prompt:
    if isinstance(data, Mapping) and isinstance(data.get("nodes"), list):
        raise ComfyError(
            f"{name} is in the editor's format, which a server does not run; open it in ComfyUI and save it with "
            "Workflow > Export (API)."
        )
    if isinstance(data, Mapping) and isinstance(data.get("prompt"), Mapping):
        # the body of a request, as scripts keep it
        data = data["prompt"]
    if not isinstance(data, Mapping) or not data:
        raise ComfyError(f"{name} is not a workflow: the API format is an object of nodes by their ids.")
    for node, entry in data.items():
        good = isinstance(entry, Mapping) and isinstance(entry.get("class_type"), str)
        if not good or not isinstance(entry.get("inputs", {}), Mapping):
            raise ComfyError(f"{name} is not a workflow: its node '{plain(str(node))}' has no class_type and inputs.")
    return {
        str(node): {**copy.deepcopy(dict(entry)), "inputs": dict(entry.get("inputs", {}))}
        for node, entry in data.items()
    }

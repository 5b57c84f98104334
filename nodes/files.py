"""Scenes and plans kept as files, so that a plan can be fixed and other checkpoints tried. Inside ComfyUI's folders."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import folder_paths
from comfy_api.latest import io

from .sockets import PLAN, SCENE, PerImage, must, watch

NONE = "(none found)"


class SaveScene(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return _save_schema("scene", SCENE)

    @classmethod
    def execute(cls, scene, filename_prefix="cielr/scene") -> io.NodeOutput:
        return io.NodeOutput(scene, ui={"text": [_save(scene, filename_prefix, "scene")]})


class SavePlan(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return _save_schema("plan", PLAN)

    @classmethod
    def execute(cls, plan, filename_prefix="cielr/plan") -> io.NodeOutput:
        return io.NodeOutput(plan, ui={"text": [_save(plan, filename_prefix, "plan")]})


class _Load(io.ComfyNode):
    """A file that has changed is read again; one that is not there is told before the run."""

    KIND = ""
    SOCKET = SCENE

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _load_schema(cls.KIND, cls.SOCKET)

    @classmethod
    def validate_inputs(cls, file=None):
        # a name that comes by link is not known yet
        return True if file is None else _check(file, cls.KIND)

    @classmethod
    def fingerprint_inputs(cls, file=None):
        if file is None:
            # where the name is not known yet, a change of any file that it may be counts
            return _hashed(repr(sorted(_dated(cls.KIND))).encode())
        path = _find(file)
        return _hashed(path.read_bytes()) if path.is_file() else ""


class LoadScene(_Load):
    KIND = "scene"

    @classmethod
    def execute(cls, file) -> io.NodeOutput:
        from ..cielr.core.scene import Scene

        return io.NodeOutput(PerImage([Scene.load(_checked(file, cls.KIND))]))


class LoadPlan(_Load):
    KIND = "plan"
    SOCKET = PLAN

    @classmethod
    def execute(cls, file) -> io.NodeOutput:
        from ..cielr.actions import Plan

        return io.NodeOutput(PerImage([Plan.load(_checked(file, cls.KIND))]))


# ---------------------------------------------------------------------------------------------------------- schemas


def _save_schema(kind: str, socket) -> io.Schema:
    name = kind.capitalize()
    return io.Schema(
        node_id=f"CIELR_Save{name}",
        display_name=f"Save {name}",
        category="CIELR/5 keep",
        description=f"Writes the {kind} as JSON into ComfyUI's output folder, one file for each image.",
        inputs=[
            socket.Input(kind, tooltip=f"The {kind} to keep."),
            io.String.Input(
                "filename_prefix",
                default=f"cielr/{kind}",
                tooltip="Folder and name below the output folder; a number is added.",
            ),
        ],
        outputs=[socket.Output(display_name=kind, tooltip=f"The same {kind}.")],
        is_output_node=True,
    )


def _load_schema(kind: str, socket) -> io.Schema:
    name = kind.capitalize()
    return io.Schema(
        node_id=f"CIELR_Load{name}",
        display_name=f"Load {name}",
        category="CIELR/5 keep",
        description=f"Reads a {kind} that was saved, from ComfyUI's output or input folder.",
        inputs=[
            io.Combo.Input(
                "file",
                options=_files(kind) or [NONE],
                tooltip=f"JSON files with '{kind}' in their path, below the output and input folders.",
            )
        ],
        outputs=[socket.Output(display_name=kind, tooltip=f"The {kind}, for any number of images.")],
    )


# ------------------------------------------------------------------------------------------------------------ files


def _save(items, prefix: str, kind: str) -> str:
    from ..cielr.core.serial import why_not_written, write_text

    root = folder_paths.get_output_directory()
    if not _below(Path(root) / prefix, Path(root)):
        raise ValueError(f"'{prefix}' leaves ComfyUI's output folder: name a file below it.")
    folder, name, counter, _, _ = folder_paths.get_save_image_path(prefix, root)
    written = []
    for number, item in enumerate(items):
        watch()
        path = Path(folder) / f"{name}_{counter + number:05}_.json"
        try:
            write_text(path, item.to_json())
        except OSError as error:
            failed = f"The {kind} cannot be written to {path}"
            raise ValueError(f"{failed}: {why_not_written(error)}.") from error
        written.append(os.path.relpath(path, root))
    return "\n".join(written)


def _files(kind: str) -> list[str]:
    """JSON files below output and input whose path names the kind, newest first, written 'x [output]'."""
    return [text for _, text in sorted(_dated(kind), reverse=True)]


def _dated(kind: str) -> Iterator[tuple[float, str]]:
    roots = {"output": folder_paths.get_output_directory(), "input": folder_paths.get_input_directory()}
    for place, root in roots.items():
        for folder, _, names in os.walk(root):
            for name in names:
                path = Path(folder) / name
                relative = path.relative_to(root).as_posix()
                if not (name.endswith(".json") and kind in relative.lower()):
                    continue
                try:
                    yield path.stat().st_mtime, f"{relative} [{place}]"
                except OSError:
                    # a link to nowhere, or gone in this moment: the others are listed all the same
                    continue


def _find(file: str) -> Path:
    """The path of a listed file.

    Raises:
        ValueError: where it leaves ComfyUI's folders.
    """
    name, root = folder_paths.annotated_filepath(file)
    base = Path(root or folder_paths.get_output_directory())
    path = base / name.strip()
    if not _below(path, base):
        raise ValueError(f"'{file}' leaves ComfyUI's folders.")
    return path


def _below(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())


def _check(file: str, kind: str) -> bool | str:
    try:
        path = _find(file)
    except ValueError as error:
        return str(error)
    if not path.is_file():
        return f"There is no {kind} '{file}': save one first, or put the file into ComfyUI's input folder."
    return True


def _checked(file: str, kind: str) -> Path:
    """The path of a file that is there; its name may have come by link.

    Raises:
        ValueError: where there is none.
    """
    must(_check(file, kind))
    return _find(file)


def _hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

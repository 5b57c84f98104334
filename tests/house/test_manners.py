"""What ComfyUI's own checks of packs ask of ours: names with its prefix, nothing of others touched."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "web" / "js").glob("*.js"))
OTHERS = (
    "LiteGraph", "LGraph", "LGraphNode", "LGraphCanvas", "LGraphGroup", "app", "api", "Node", "Element", "HTMLElement",
    "Document", "Window", "Event", "EventTarget", "Array", "Object", "String", "Promise", "Function",
)  # fmt: skip
PATCHED = re.compile(
    rf"\b(?:{'|'.join(OTHERS)})(?:\.prototype)?(?:\.\w+)+\s*=(?!=|>)|\.prototype\b[^=\n]*=(?!=|>)"
    r"|Object\.(?:assign|definePropert(?:y|ies))\(\s*(?:\w+\.prototype|window|globalThis|LiteGraph|app|api)\b"
    r"|\b(?:window|globalThis)\.\w+\s*=(?!=|>)"
)
"""An assignment to what is not ours."""
SEARCHED = re.compile(r"document\.(?:querySelector\w*|getElement\w+)\b|\b(?:innerHTML|outerHTML|insertAdjacentHTML)\b")
"""Other people's elements, and markup made of strings."""
EXTENSION = re.compile(r"registerExtension\(\{\s*name:\s*\"([^\"]*)\"")


def found(pattern, text):
    """Lines of a script, without its comments, that a pattern is in."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return [line.strip() for line in bare.splitlines() if pattern.search(re.sub(r"(^|\s)//.*", "", line))]


def test_every_extension_of_the_page_has_our_prefix():
    names = [name for path in SCRIPTS for name in EXTENSION.findall(path.read_text(encoding="utf-8"))]
    assert names
    assert all(name.startswith("cielr.") for name in names)
    calls = sum(path.read_text(encoding="utf-8").count("registerExtension(") for path in SCRIPTS)
    assert calls == len(names)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_changes_nothing_of_others_and_searches_nothing_of_theirs(path):
    text = path.read_text(encoding="utf-8")
    assert found(PATCHED, text) == []
    assert found(SEARCHED, text) == []


@pytest.mark.parametrize(
    "line",
    [
        "LGraphCanvas.prototype.drawNode = function () {}",
        "app.graphToPrompt = async () => old()",
        "window.cielr = {}",
        "Object.assign(LGraphNode.prototype, {})",
        "Object.defineProperty(window, 'x', {})",
    ],
)
def test_a_change_of_what_is_not_ours_would_be_noticed(line):
    assert found(PATCHED, line) == [line]


@pytest.mark.parametrize("line", ["document.querySelector('.comfy-menu')", "panel.innerHTML = words"])
def test_a_search_outside_our_elements_would_be_noticed(line):
    assert found(SEARCHED, line) == [line]


def test_node_ids_have_our_prefix():
    ids = re.findall(
        r"node_id=\"([^\"]+)\"", "".join(path.read_text("utf-8") for path in (ROOT / "nodes").glob("*.py"))
    )
    assert len(ids) > 20
    assert all(name.startswith("CIELR_") for name in ids)


def test_the_pack_without_comfyui_is_imported_quietly_and_loads_nothing_heavy(tmp_path):
    """As a test runner or an indexer does: nothing is made before ComfyUI asks, nothing is left under a common name."""
    code = (
        "import importlib.util, sys\n"
        "before = set(sys.modules)\n"
        f"spec = importlib.util.spec_from_file_location('pack', {str(ROOT / '__init__.py')!r},"
        f" submodule_search_locations=[{str(ROOT)!r}])\n"
        "pack = importlib.util.module_from_spec(spec)\n"
        "sys.modules['pack'] = pack\n"
        "path = list(sys.path)\n"
        "spec.loader.exec_module(pack)\n"
        "assert sys.path == path\n"
        "assert callable(pack.comfy_entrypoint)\n"
        "assert not hasattr(pack, 'NODE_CLASS_MAPPINGS')\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "assert not new & {'torch', 'numpy', 'scipy', 'transformers', 'nodes', 'cielr', 'server', 'comfy'}, new\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

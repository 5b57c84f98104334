"""What the node pack costs ComfyUI's start, in a process that has loaded ComfyUI itself already, as at a real start.

    COMFYUI_PATH=~/comfy/ComfyUI python benchmarks/pack_start.py [--json]

Prints the seconds for importing the pack and making its node list with all schemas, and the modules that came with it.
Runs where ComfyUI runs; elsewhere it says so and ends.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import json
import os
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "cielr_pack"


def find_comfyui() -> Path | None:
    places = [Path(os.environ.get("COMFYUI_PATH", "")), Path.home() / "comfy" / "ComfyUI", Path.home() / "ComfyUI"]
    return next((place for place in places if (place / "main.py").is_file() and (place / "nodes.py").is_file()), None)


def load_comfyui(place: Path, base: str | None) -> None:
    """Imports what ComfyUI has imported when it comes to the packs."""
    os.chdir(place)
    sys.path.insert(0, str(place))
    sys.argv = ["main.py", "--cpu", *(["--base-directory", base] if base else [])]
    import comfy.options

    comfy.options.enable_args_parsing()
    import utils.extra_config  # noqa: F401  (before anything that has a `utils` of its own)

    # isort: split
    import comfy.samplers
    import execution  # noqa: F401
    import server  # noqa: F401
    from comfy_api.latest import io  # noqa: F401

    import nodes  # noqa: F401


async def start() -> list[str]:
    spec = importlib.util.spec_from_file_location(NAME, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    assert spec is not None
    assert spec.loader is not None
    pack = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = pack
    spec.loader.exec_module(pack)
    extension = await pack.comfy_entrypoint()
    return [node.GET_SCHEMA().node_id for node in await extension.get_node_list()]


def main() -> None:
    place = find_comfyui()
    if place is None or importlib.util.find_spec("torch") is None:
        print("pack_start: no ComfyUI with its packages here, nothing is measured.")
        return
    base = sys.argv[sys.argv.index("--base-directory") + 1] if "--base-directory" in sys.argv else None
    as_json = "--json" in sys.argv
    load_comfyui(place, base)
    connections: list[str] = []
    sys.addaudithook(lambda event, args: connections.append(str(args[1])) if event == "socket.connect" else None)
    before, running = set(sys.modules), set(threading.enumerate())
    # else the walk through all of torch's objects, 0.4 s, falls by chance into this or into the next pack
    gc.collect()
    began, cpu = time.perf_counter(), time.process_time()
    nodes = asyncio.run(start())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    facts = {
        "seconds": round(seconds, 4),
        "nodes": nodes,
        "modules": sorted(set(sys.modules) - before),
        "threads": [thread.name for thread in set(threading.enumerate()) - running],
        "connections": connections,
    }
    if as_json:
        print(json.dumps(facts))
    else:
        took = f"{seconds * 1000:.0f} ms ({cpu * 1000:.0f} of CPU)"
        print(f"pack_start: {took} for {len(nodes)} nodes and {len(facts['modules'])} modules")


if __name__ == "__main__":
    main()

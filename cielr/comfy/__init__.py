"""ComfyUI from a script: a workflow is filled, checked against a server, run there, and its files are fetched.

    from cielr.comfy import ComfyClient

    with ComfyClient("http://127.0.0.1:8188") as comfy:
        result = comfy.run("quickstart", image="photo.jpg", instruction="remove the largest coin", labels=["coin"])
        result.save("out.png")

`run_many` shares jobs out among several servers; `cielr comfy run` is the same on the command line.

In: a workflow, a photo, an instruction and a server's address. Out: the files that the run saved. Open `client.py`
first.
"""

from .client import ComfyClient
from .limits import Limits, TimedOut
from .progress import Progress
from .results import Output, Result, Text
from .server import ServerLacks, ServerUnreachable
from .share import Done, Job, run_many
from .workflow import Workflow, bundled

__all__ = [
    "ComfyClient",
    "Done",
    "Job",
    "Limits",
    "Output",
    "Progress",
    "Result",
    "ServerLacks",
    "ServerUnreachable",
    "Text",
    "TimedOut",
    "Workflow",
    "bundled",
    "run_many",
]

"""The same edit on many photos: on this machine's cores, on a Ray cluster, or on ComfyUI servers.

In: a folder, a glob or a manifest, and where the results go. Out: edited photos, a ledger of every photo, a contact
sheet. Open `run.py` first.
"""

from .items import Item, Task
from .outcome import Outcome
from .run import BatchSettings, Summary, run_batch

__all__ = ["BatchSettings", "Item", "Outcome", "Summary", "Task", "run_batch"]

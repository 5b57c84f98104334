"""`cielr` and `python -m cielr`: the command, which may be stopped at any moment, also before it is loaded."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

CANCELLED = 130


def main() -> int:
    """The entry point: the exit code, with everything said."""
    _stop_in_order()
    try:
        from .cli.main import main as command

        return command()
    except KeyboardInterrupt:
        print("Cancelled.", file=sys.stderr)
        return CANCELLED
    finally:
        _stop_at_once()


def _stop_in_order() -> None:
    """Lets a polite kill end the work as Ctrl-C does: with what is half written removed. An ignored one stays so."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL and _is_main_thread():
        signal.signal(signal.SIGTERM, _interrupt)


def _stop_at_once() -> None:
    """All is said and written: who stops the command now sees no more of it."""
    if _is_main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) in (_interrupt, signal.default_int_handler):
                signal.signal(number, signal.SIG_DFL)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

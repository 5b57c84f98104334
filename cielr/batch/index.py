"""What a batch has to remember of millions of photos: names that are taken, and where in the ledger each is told.

Kept by SQLite in a file of its own that goes away by itself, so that memory does not grow with the batch.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator

CACHE = 32_000
"""Thousand bytes of memory for each table's pages."""


class Index:
    """Names that are taken; lines by their keys; the order of results."""

    def __init__(self) -> None:
        # a file without a name: on the disk as far as it does not fit into the cache, and gone with the process
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            f"PRAGMA cache_size=-{CACHE}",
            "CREATE TABLE names (name BLOB PRIMARY KEY) WITHOUT ROWID",
            "CREATE TABLE seen (item BLOB PRIMARY KEY, times INTEGER) WITHOUT ROWID",
            "CREATE TABLE lines (key BLOB PRIMARY KEY, file INTEGER, start INTEGER) WITHOUT ROWID",
            "CREATE TABLE again (key BLOB PRIMARY KEY, name TEXT) WITHOUT ROWID",
            "CREATE TABLE placed (number INTEGER PRIMARY KEY, file INTEGER, start INTEGER)",
            "BEGIN",
        ):
            self._base.execute(statement)

    def take(self, name: str) -> bool:
        """Takes a name; False where it was taken before."""
        done = self._base.execute("INSERT OR IGNORE INTO names VALUES (?)", (_short(name),))
        return done.rowcount == 1

    def occurrence(self, item: str) -> int:
        """How often this was asked for the same item before."""
        key = _short(item)
        self._base.execute("INSERT INTO seen VALUES (?, 1) ON CONFLICT(item) DO UPDATE SET times = times + 1", (key,))
        return self._base.execute("SELECT times FROM seen WHERE item = ?", (key,)).fetchone()[0] - 1

    def remember(self, key: str, file: int, start: int) -> None:
        """That the line of an item begins at a byte of one of the ledger's files; a later line replaces it."""
        self._base.execute("INSERT OR REPLACE INTO lines VALUES (?, ?, ?)", (bytes.fromhex(key), file, start))

    def forget(self, key: str, name: str) -> None:
        """As if there were no line of that item, whose result has that name, however often it is tried."""
        self._base.execute("DELETE FROM lines WHERE key = ?", (bytes.fromhex(key),))
        self._base.execute("INSERT OR REPLACE INTO again VALUES (?, ?)", (bytes.fromhex(key), name))

    def name_before(self, key: str) -> str | None:
        """The name of a result that is tried again, or None."""
        row = self._base.execute("SELECT name FROM again WHERE key = ?", (bytes.fromhex(key),)).fetchone()
        return row[0] if row is not None else None

    def line(self, key: str) -> tuple[int, int] | None:
        """(file, byte) of an item's line, or None."""
        return self._base.execute("SELECT file, start FROM lines WHERE key = ?", (bytes.fromhex(key),)).fetchone()

    def place(self, number: int, file: int, start: int) -> None:
        """That the result of that number is told there."""
        self._base.execute("INSERT OR REPLACE INTO placed VALUES (?, ?, ?)", (number, file, start))

    def placed(self) -> Iterator[tuple[int, int]]:
        """(file, byte) of all results, in their order."""
        yield from self._base.execute("SELECT file, start FROM placed ORDER BY number")

    def close(self) -> None:
        self._base.close()


def _short(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]

"""Several writes in one transaction: whoever waits while the disk is busy is written with the next commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

TOGETHER = 64
"""How many writes share a transaction at most."""


class NotTogether(Exception):
    """Something failed that may concern them all: nothing of the group is written, and each has to be written by itself."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write that waits for its turn.

    Args:
        work: what it does within a transaction. It may be run again when its transaction was rolled back.
        scrub: afterwards nothing that was deleted shall remain in the files; such a write stays alone.
        done: its result, once that is durable.
    """

    work: Callable[[sqlite3.Connection], Any]
    scrub: bool
    done: Future[Any] = field(default_factory=Future)


def run_together(connection: sqlite3.Connection, writes: Sequence[Write]) -> list[Any]:
    """Run all ``writes`` within the transaction that is open, and return the result of each, or its exception.

    One that raises leaves nothing behind and takes none of the others along.

    Raises:
        NotTogether: SQLite refused something.
    """
    outcomes: list[Any] = []
    for write in writes:
        try:
            connection.execute("SAVEPOINT one")
            try:
                outcomes.append(write.work(connection))
            except sqlite3.Error:
                raise
            except Exception as error:
                connection.execute("ROLLBACK TO one")
                outcomes.append(error)
            connection.execute("RELEASE one")
        except (sqlite3.Error, UnicodeEncodeError, UnicodeDecodeError, OverflowError) as error:
            raise NotTogether from error
    return outcomes

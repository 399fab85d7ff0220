"""Connections and threads: one writer, a few readers, and no call that blocks the event loop.

SQLite's calls block, so they run in threads of the database's own. All writes go through one thread, which is the lock
between the tasks of this process; between processes ``BEGIN IMMEDIATE`` is. A task that is cancelled while it waits
leaves its transaction to the thread, which commits or rolls it back whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from graphmem.errors import StoreError
from graphmem.stores.sqlite import residue
from graphmem.stores.sqlite.errors import in_words, is_busy
from graphmem.stores.sqlite.files import MEMORY, prepare_file
from graphmem.stores.sqlite.grouping import TOGETHER, NotTogether, Write, run_together
from graphmem.stores.sqlite.schema import migrate

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BUSY_SECONDS = 10.0
"""How long one attempt waits for another process."""
ATTEMPTS = 3
READERS = 4
_LOG_SECONDS = 0.5
_CACHED_STATEMENTS = 256
_CACHE_KIB = 8192


class Database:
    """An open database. Made by `open`; every method may be called from any event loop and at any time."""

    def __init__(self, path: str, busy_seconds: float) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._writer = ThreadPoolExecutor(1, "graphmem-sqlite-writer")
        self._readers = self._writer if path == MEMORY else ThreadPoolExecutor(READERS, "graphmem-sqlite-reader")
        self._idle: deque[sqlite3.Connection] = deque()
        self._waiting: deque[Write] = deque()
        self._connection: sqlite3.Connection
        self._log_is_due = False
        self._gate = threading.Lock()
        self._closed = False
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, path: str, *, busy_seconds: float = BUSY_SECONDS) -> Database:
        """Open or create the database at ``path`` (`MEMORY` for one that lives as long as it is open).

        Args:
            busy_seconds: how long one of `ATTEMPTS` attempts waits for another process.

        Raises:
            StoreUnavailable: the file cannot be opened or is locked.
            StoreError: the file is something else, damaged, or of a newer graphmem.
        """
        database = cls(path, busy_seconds)
        try:
            await asyncio.get_running_loop().run_in_executor(database._writer, database._start)
        except BaseException:
            await database.close()
            raise
        return database

    async def write(self, work: Work[T], *, scrub: bool = False) -> T:
        """Run ``work`` in a transaction that locks out all other writers, and commit; roll back when it raises.

        Writes that wait at the same time share a transaction; each returns when that is durable, and one that raises takes no
        other along. ``work`` may be run again when another process or a write beside it was in the way.

        Args:
            scrub: afterwards nothing that was deleted shall remain in the files (see `residue`). Where somebody still
                reads an older state, that is so after a later write or when the store is closed.

        Raises:
            StoreUnavailable: the database cannot be read or written now.
            StoreError: SQLite refused, or the store is closed.
        """
        write = Write(work, scrub)
        with self._gate:
            self._check_open()
            self._waiting.append(write)
            self._writer.submit(self._write_waiting)
        result: T = await asyncio.wrap_future(write.done)
        return result

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction that sees one state of the database and waits for no writer.

        Raises:
            StoreUnavailable: the database cannot be read now.
            StoreError: SQLite refused, or the store is closed.
        """
        return await self._submit(self._readers, lambda: self._read(work))

    async def close(self) -> None:
        """Wait for what is going on and close every connection. A second call does nothing."""
        with self._gate:
            self._closed = True
            if self._closing is None:
                self._closing = asyncio.get_running_loop().run_in_executor(None, self._stop)
        await asyncio.shield(self._closing)

    def _submit(self, threads: ThreadPoolExecutor, call: Callable[[], T]) -> asyncio.Future[T]:
        with self._gate:
            self._check_open()
            return asyncio.get_running_loop().run_in_executor(threads, call)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(f"the store of {self.path} is closed; open a new one")

    def _start(self) -> None:
        if self.path != MEMORY:
            prepare_file(self.path)
        self._connection = self._retried(self._open_writer)
        # what a process that died had forgotten may still be there; failing to clean up is no reason not to open
        with contextlib.suppress(StoreError):
            self._scrub()

    def _stop(self) -> None:
        self._readers.shutdown(wait=True)
        self._writer.shutdown(wait=True)
        while self._idle:
            self._idle.pop().close()
        connection = getattr(self, "_connection", None)
        if connection is not None:
            with contextlib.suppress(StoreError):
                if self._log_is_due:
                    self._empty_log(wait_seconds=min(_LOG_SECONDS, self._busy_seconds))
                else:
                    self._scrub()
            connection.close()

    def _open_writer(self) -> sqlite3.Connection:
        connection = self._connect()
        try:
            migrate(connection, self.path)
            if self.path != MEMORY:
                _into_wal_mode(connection, self.path)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_CACHED_STATEMENTS,
        )
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _write_waiting(self) -> None:
        """Write what waits; the first call after a busy time does so for all that came meanwhile."""
        writes: list[Write] = []
        while self._waiting and len(writes) < TOGETHER and not (writes and self._waiting[0].scrub):
            write = self._waiting.popleft()
            if write.done.set_running_or_notify_cancel():
                writes.append(write)
            if write.scrub:
                break
        if len(writes) > 1 and self._written_together(writes):
            return
        for write in writes:
            try:
                write.done.set_result(self._write(write.work, write.scrub))
            except BaseException as error:
                write.done.set_exception(error)

    def _written_together(self, writes: list[Write]) -> bool:
        try:
            outcomes = self._change(lambda connection: run_together(connection, writes))
        except NotTogether:
            return False
        except BaseException as error:
            outcomes = [error] * len(writes)
        for write, outcome in zip(writes, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                write.done.set_exception(outcome)
            else:
                write.done.set_result(outcome)
        if self._log_is_due:
            with contextlib.suppress(StoreError):
                self._empty_log(wait_seconds=0)
        return True

    def _write(self, work: Work[T], scrub: bool) -> T:
        result = self._change(work)
        if scrub:
            self._scrub()
        elif self._log_is_due:
            self._empty_log(wait_seconds=0)
        return result

    def _scrub(self) -> None:
        if self.path == MEMORY or not self._retried(lambda: residue.is_noted(self._connection)):
            return
        self._change(residue.merge_indexes)
        self._retried(lambda: residue.rewrite_file(self._connection))
        self._empty_log(wait_seconds=min(_LOG_SECONDS, self._busy_seconds))

    def _empty_log(self, wait_seconds: float) -> None:
        """Empty the log, or leave it for later while somebody reads an older state."""
        self._log_is_due = not self._retried(
            lambda: residue.empty_log(self._connection, wait_seconds, self._busy_seconds)
        )
        if not self._log_is_due:
            self._change(residue.forget_note)

    def _change(self, work: Work[T]) -> T:
        return self._retried(lambda: _in_transaction(self._connection, "BEGIN IMMEDIATE", work))

    def _read(self, work: Work[T]) -> T:
        if self.path == MEMORY:
            return self._retried(lambda: _in_transaction(self._connection, "BEGIN", work))
        return self._retried(lambda: self._read_once(work))

    def _read_once(self, work: Work[T]) -> T:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
        try:
            return _in_transaction(connection, "BEGIN", work)
        finally:
            if connection.in_transaction:
                connection.close()
            else:
                self._idle.append(connection)

    def _retried(self, attempt: Callable[[], T]) -> T:
        """Attempt something again while another process is in the way, and put what fails into words."""
        for left in reversed(range(ATTEMPTS)):
            try:
                return attempt()
            except (sqlite3.Error, UnicodeEncodeError, UnicodeDecodeError, OverflowError) as error:
                if left and is_busy(error):
                    # SQLite does not wait where waiting could be in vain, as while the file is put into WAL mode
                    time.sleep(min(0.05, self._busy_seconds))
                    continue
                raise in_words(error, self.path) from error
        raise AssertionError("unreachable")


def _in_transaction(connection: sqlite3.Connection, begin: str, work: Work[T]) -> T:
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        # after some errors SQLite has rolled back already, and one that fails as well is no news
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise
    return result


def _into_wal_mode(connection: sqlite3.Connection, path: str) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreError(
            f"the file system of {path} cannot hold a database that several processes use (no WAL mode); "
            "use a path on a local disk"
        )

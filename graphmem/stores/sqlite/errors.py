"""Errors of SQLite in the words of graphmem, one line each, with what to do. Pure."""

from __future__ import annotations

import sqlite3

from graphmem.errors import StoreError, StoreUnavailable

_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: "is locked by another process; close the program that holds it, or try again later",
    sqlite3.SQLITE_LOCKED: "is locked by another connection; try again later",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder exists and may be written to",
    sqlite3.SQLITE_PERM: "may not be accessed; check the permissions of the file and its folder",
    sqlite3.SQLITE_READONLY: "is read-only; allow writing to the file and its folder",
    sqlite3.SQLITE_FULL: "cannot grow because the disk is full; free some space and try again",
    sqlite3.SQLITE_IOERR: "cannot be read or written; check the disk",
    sqlite3.SQLITE_PROTOCOL: "could not be locked; try again later",
    sqlite3.SQLITE_NOLFS: "is too large for this file system; move it to another one",
    sqlite3.SQLITE_NOMEM: "needs more memory than there is; free some and try again",
}
_REFUSED = {
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a backup, or save what is left with the sqlite3 shell's .recover",
    sqlite3.SQLITE_NOTADB: "is not a graphmem database; choose another path, or move that file away",
    sqlite3.SQLITE_FORMAT: "is not a graphmem database; choose another path, or move that file away",
    sqlite3.SQLITE_TOOBIG: "cannot hold a text that long; store it in parts",
    sqlite3.SQLITE_CONSTRAINT: "refused what contradicts itself or what is there",
}
_PRIMARY_CODE = 0xFF
_NO_TEXT = "Could not decode to UTF-8"


class DamagedFile(sqlite3.DatabaseError):
    """The file does not hold what was written to it, where SQLite itself does not look."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def code_of(error: sqlite3.Error) -> int | None:
    """Return the primary result code of an error, or None when it is not SQLite's own but the driver's."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & _PRIMARY_CODE


def is_busy(error: BaseException) -> bool:
    """Whether another connection was in the way, so that the same may succeed later."""
    return isinstance(error, sqlite3.Error) and code_of(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def in_words(error: Exception, path: str) -> StoreError:
    """Return ``error`` as one of graphmem's.

    Args:
        error: one of `sqlite3.Error`, or what the driver raises for a value that it cannot bind.
        path: the database.
    """
    if isinstance(error, UnicodeDecodeError) or str(error).startswith(_NO_TEXT):
        # the driver's message goes on with the text
        return StoreError(f"the database {path} {_REFUSED[sqlite3.SQLITE_CORRUPT]} (a text in it is no text)")
    if isinstance(error, UnicodeError):
        return StoreError(
            "a text holds half of a surrogate pair, which is no Unicode character and cannot be stored; replace it, "
            'as in text.encode("utf-8", "replace").decode()'
        )
    if isinstance(error, OverflowError):
        return StoreError(f"a number, a text or a time is too large for SQLite: {error}")
    code = code_of(error) if isinstance(error, sqlite3.Error) else None
    if code in _UNAVAILABLE:
        return StoreUnavailable(f"the database {path} {_UNAVAILABLE[code]} ({error})")
    if code in _REFUSED:
        return StoreError(f"the database {path} {_REFUSED[code]} ({error})")
    return StoreError(f"SQLite failed on {path}: {error}; if it goes on, check the file with the sqlite3 shell")

"""Dates as precise as was said (Extended Date/Time Format, ISO 8601-2, level 0: "2024", "2024-11", "2024-11-19")."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime, timedelta

from graphmem.records import Fact, FactStatus


def first_moment(date: str) -> datetime:
    """Return the first moment of ``date`` (UTC).

    Raises:
        ValueError: it is no EDTF date of level 0.
    """
    year, month, day = (*(int(part) for part in date.split("-")), 1, 1)[:3]
    return datetime(year, month, day, tzinfo=UTC)


def first_moment_after(date: str) -> datetime:
    """Return the first moment after the whole of ``date`` (UTC); of the last year that there is, its last moment."""
    start, parts = first_moment(date), date.count("-")
    if start.year == MAXYEAR and (parts == 0 or start.month == 12):
        return datetime.max.replace(tzinfo=UTC)
    if parts == 0:
        return start.replace(year=start.year + 1)
    if parts == 1:
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start + timedelta(days=1)


def held_at(fact: Fact, moment: datetime, *, timeless: bool = False) -> bool:
    """Whether a fact was true at ``moment`` as far as is known.

    It counts from ``valid_from``, else from when it was first said; to ``valid_to``, else to the message that ended it.
    A fact first told as over, with its end, counts for all the time before, and so does one that is ``timeless`` ("was born
    in Porto"). What was denied or taken back never counts.
    """
    if fact.polarity == "-" or fact.status is FactStatus.RETRACTED:
        return False
    end = fact.retired_at if fact.valid_to is None else first_moment(fact.valid_to)
    if fact.valid_from is not None:
        start: datetime | None = first_moment(fact.valid_from)
        if fact.valid_to is not None and end is not None and start is not None and end <= start:
            end = first_moment_after(fact.valid_to)
    else:
        over = fact.valid_to is not None and end is not None and end <= fact.recorded_at
        start = None if over or timeless else fact.recorded_at
    return (start is None or start <= moment) and (end is None or moment < end)

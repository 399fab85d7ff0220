"""Which dates an answer may carry: EDTF level 0."""

from __future__ import annotations

import re
from datetime import date

_LEVEL_0 = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def is_edtf(text: str) -> bool:
    """Whether ``text`` is a year, a month or a day that exists ("2024", "2024-11", "2024-11-19").

    >>> is_edtf("2024-11"), is_edtf("2024-02-30"), is_edtf("last May")
    (True, False, False)
    """
    found = _LEVEL_0.fullmatch(text)
    if found is None:
        return False
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def in_order(start: str, end: str) -> bool:
    """Whether ``start`` is not after ``end``, as far as their precision tells."""
    length = min(len(start), len(end))
    return start[:length] <= end[:length]

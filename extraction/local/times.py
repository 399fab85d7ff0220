"""When: the dates and durations beside a fact, as EDTF level 0 text with the precision that was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from extraction.local.numbers import number

_MONTHS = {
    name: index
    for index, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_WEEKDAYS = {day: index for index, day in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_PARTS = frozenset({"start", "end", "beginning", "middle"})


class Role(StrEnum):
    """What a time says of its fact: when it began, when it ended, or when something happened."""

    SINCE = "since"
    UNTIL = "until"
    AT = "at"


@dataclass(frozen=True, slots=True)
class Time:
    """A time read off a text: what it says, EDTF text, and its tokens."""

    role: Role
    value: str
    start: int
    end: int


def find(norms: Sequence[str], start: int, end: int, at: datetime | None) -> list[Time]:
    """Return the times among the tokens from ``start`` up to, not including, ``end``.

    Args:
        norms: the sentence's normal forms.
        start, end: where to look.
        at: when it was said; without it only absolute dates are read.
    """
    found: list[Time] = []
    i = start
    while i < end:
        try:
            time = _at(norms, i, end, at)
        except (OverflowError, ValueError):  # a day before the year 1 or after 9999
            time = None
        if time is None:
            i += 1
        else:
            found.append(time)
            i = time.end
            until = _other_end(norms, time, end, at)
            if until is not None:
                found.append(until)
                i = until.end
    return found


def _other_end(norms: Sequence[str], time: Time, end: int, at: datetime | None) -> Time | None:
    """Read "to 2015" after "from 2010", "and 2015" after "between 2010"."""
    if time.role is not Role.SINCE or time.end >= end:
        return None
    ends = {"from": ("to", "-", "–"), "between": ("and",)}.get(norms[time.start], ())
    if norms[time.end] not in ends:
        return None
    result = _absolute(norms, time.end + 1, end, at) if time.end + 1 < end else None
    return Time(Role.UNTIL, result[0], time.end, result[1]) if result is not None else None


def _at(norms: Sequence[str], i: int, end: int, at: datetime | None) -> Time | None:
    word = norms[i]
    if word in ("since", "from", "starting", "between"):
        return _after(norms, i, i + 1, end, at, Role.SINCE)
    if word == "as" and norms[i + 1 : i + 2] in (["of"], ("of",)):
        return _after(norms, i, i + 2, end, at, Role.SINCE)
    if word in ("until", "till", "til"):
        return _after(norms, i, i + 1, end, at, Role.UNTIL)
    if word in (
        "in",
        "on",
        "back",
        "around",
        "during",
        "early",
        "late",
        "mid",
        "this",
        "last",
        "next",
        "yesterday",
        "today",
    ):
        return _after(
            norms, i, i + (word in ("in", "on", "back", "around", "during", "early", "late", "mid")), end, at, Role.AT
        )
    if word == "at" and norms[i + 1 : i + 2] in (["the"], ("the",)) and _PARTS.intersection(norms[i + 2 : i + 3]):
        return _after(norms, i, i + 1, end, at, Role.AT)
    if word == "for" and at is not None:
        return _duration(norms, i, i + 1, end, at)
    ago = _ago(norms, i, end, at)
    if ago is not None:
        return Time(Role.AT, ago[0], i, ago[1])
    if at is not None and (number(word) is not None or word in ("a",)):
        return _bare_duration(norms, i, end, at)
    return None


def _after(norms: Sequence[str], first: int, i: int, end: int, at: datetime | None, role: Role) -> Time | None:
    while i < end and norms[i] in (
        "in",
        "the",
        "early",
        "late",
        "mid",
        "around",
        "about",
        "back",
        "of",
        *_PARTS,
    ):
        i += 1
    if i >= end:
        return None
    for read in (_absolute, _relative):
        result = read(norms, i, end, at)
        if result is not None:
            return Time(role, result[0], first, result[1])
    ago = _ago(norms, i, end, at)
    if ago is not None:
        return Time(role, ago[0], first, ago[1])
    return None


def _absolute(norms: Sequence[str], i: int, end: int, at: datetime | None) -> tuple[str, int] | None:
    """Read "2019", "May 2019", "3 May 2019", "May 3rd, 2019", "2019-05-03", "spring 2019", "spring of 2019"; without a year the last one
    before ``at``."""
    word = norms[i]
    if word in _SEASONS:
        k = i + 2 if norms[i + 1 : i + 2] in (["of"], ("of",)) else i + 1
        if k < end and _year(norms[k]):
            return norms[k], k + 1
        return (_whole_year(at.year if _SEASONS[word] <= at.month else at.year - 1), i + 1) if at is not None else None
    if _year(word):
        return (word, i + 1) if not (i + 1 < end and norms[i + 1] in ("people", "euros", "dollars", "miles")) else None
    iso = _iso(word)
    if iso is not None:
        return iso, i + 1
    day, month, j = None, None, i
    if word in _MONTHS:
        month, j = _MONTHS[word], i + 1
        if j < end and _day(norms[j]) is not None:
            day, j = _day(norms[j]), j + 1
    elif _day(word) is not None and i + 1 < end:
        j = i + 2 if norms[i + 1] == "of" else i + 1
        if j < end and norms[j] in _MONTHS:
            day, month, j = _day(word), _MONTHS[norms[j]], j + 1
    if month is None:
        return None
    k = j + 1 if j < end and norms[j] in (",", "of") else j
    if k < end and _year(norms[k]):
        return _edtf(int(norms[k]), month, day), k + 1
    if at is None:
        return None
    if tuple(norms[j : j + 2]) == ("last", "year") and j + 1 < end:
        return _edtf(at.year - 1, month, day), j + 2
    year = at.year if (month, day or 1) <= (at.month, at.day) else at.year - 1
    return _edtf(year, month, day), j


def _relative(norms: Sequence[str], i: int, end: int, at: datetime | None) -> tuple[str, int] | None:
    """Read "last November", "next month", "this year", "yesterday", "last Friday", "Monday"."""
    if at is None:
        return None
    word = norms[i]
    if word == "yesterday":
        return (at.date() - timedelta(days=1)).isoformat(), i + 1
    if word == "today":
        return at.date().isoformat(), i + 1
    if word in _WEEKDAYS:
        return _weekday(at.date(), _WEEKDAYS[word], 0).isoformat(), i + 1
    if word not in ("last", "this", "next", "past") or i + 1 >= end:
        return None
    shift = {"last": -1, "past": -1, "this": 0, "next": 1}[word]
    unit = norms[i + 1]
    if unit == "year":
        return _whole_year(at.year + shift), i + 2
    if unit == "month":
        return _months(at.date(), shift), i + 2
    if unit in ("week", "weekend"):
        return (at.date() + timedelta(weeks=shift)).isoformat()[:7], i + 2
    if unit in _MONTHS:
        return _edtf(_year_of(at, _MONTHS[unit], shift), _MONTHS[unit], None), i + 2
    if unit in _SEASONS:
        return _whole_year(_year_of(at, _SEASONS[unit], shift)), i + 2
    if unit in _WEEKDAYS:
        return _weekday(at.date(), _WEEKDAYS[unit], shift).isoformat(), i + 2
    return None


def _whole_year(year: int) -> str:
    return f"{date(year, 1, 1).year:04d}"


def _year_of(at: datetime, month: int, shift: int) -> int:
    """The year of "last May", "this May", "next May" seen from ``at``."""
    if shift < 0:
        return at.year if month < at.month else at.year - 1
    if shift > 0:
        return at.year if month > at.month else at.year + 1
    return at.year


def _weekday(day: date, weekday: int, shift: int) -> date:
    if shift > 0:
        return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)
    return day - timedelta(days=(day.weekday() - weekday - 1) % 7 + 1)


def _ago(norms: Sequence[str], i: int, end: int, at: datetime | None) -> tuple[str, int] | None:
    """Read "two years ago", "a few months back"."""
    counted = _count(norms, i, end)
    if counted is None or at is None:
        return None
    count, j = counted
    if j + 1 < end and norms[j + 1] in ("ago", "back", "earlier"):
        value = _before(at, count, norms[j])
        return (value, j + 2) if value is not None else None
    return None


def _count(norms: Sequence[str], i: int, end: int) -> tuple[int, int] | None:
    """Read "two", "a", "a couple of", "over 8" before a unit; return the number and the unit's place."""
    while i < end and norms[i] in (
        "about",
        "around",
        "almost",
        "over",
        "nearly",
        "roughly",
        "like",
        "the",
        "last",
        "past",
    ):
        i += 1
    if i >= end:
        return None
    value = number(norms[i])
    if value is None and norms[i] in ("a", "an"):
        value = 1
        if i + 1 < end and norms[i + 1] == "couple":
            value, i = 2, i + 1
    i += 1
    if i < end and norms[i] == "of":
        i += 1
    if value is None or i >= end or _unit(norms[i]) is None:
        return None
    return value, i


def _unit(word: str) -> str | None:
    singular = word[:-1] if word.endswith("s") else word
    return singular if singular in ("day", "week", "month", "year", "decade", "yr") else None


def _before(at: datetime, count: int, unit: str) -> str | None:
    kind = _unit(unit)
    if kind in ("year", "yr", "decade"):
        return _whole_year(at.year - count * (10 if kind == "decade" else 1))
    if kind == "month":
        return _months(at.date(), -count) if count < 1000 else None
    if count > 3000:
        return None
    day = at.date() - timedelta(days=count * (7 if kind == "week" else 1))
    return day.isoformat() if kind == "day" else day.isoformat()[:7]


def _duration(norms: Sequence[str], first: int, i: int, end: int, at: datetime) -> Time | None:
    """ "for six years" began six years before it was said."""
    counted = _count(norms, i, end)
    if counted is None:
        return None
    count, j = counted
    value = _before(at, count, norms[j])
    return Time(Role.SINCE, value, first, j + 1) if value is not None and _unit(norms[j]) != "day" else None


def _bare_duration(norms: Sequence[str], i: int, end: int, at: datetime) -> Time | None:
    """ "six years now" at the end of a clause."""
    counted = _count(norms, i, end)
    if counted is None or counted[1] + 1 >= len(norms) or norms[counted[1] + 1] != "now":
        return None
    return _duration(norms, i, i, end, at)


def _months(day: date, shift: int) -> str:
    total = day.year * 12 + day.month - 1 + shift
    return date(total // 12, total % 12 + 1, 1).isoformat()[:7]


_ORDINALS = tuple(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth twentieth".split()
)


def _year(word: str) -> bool:
    return len(word) == 4 and word.isascii() and word.isdigit() and "1900" <= word <= "2099"


def _day(word: str) -> int | None:
    if word in _ORDINALS:
        return _ORDINALS.index(word) + 1
    digits = word[:-2] if word[-2:] in ("st", "nd", "rd", "th") else word
    return (
        int(digits)
        if digits.isascii() and digits.isdigit() and 1 <= int(digits[:4]) <= 31 and len(digits) <= 2
        else None
    )


def _iso(word: str) -> str | None:
    try:
        return date.fromisoformat(word).isoformat() if len(word) == 10 else None
    except ValueError:
        return None


def _edtf(year: int, month: int, day: int | None) -> str:
    if day is None:
        return date(year, month, 1).isoformat()[:7]
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return date(year, month, 1).isoformat()[:7]

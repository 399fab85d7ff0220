"""Points in time: timezone-aware datetimes in Python, fixed-width UTC texts in the stores, so that their order is the order in time."""

from __future__ import annotations

from datetime import UTC, datetime

from graphmem.errors import InvalidInteraction


def utc_now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)


def to_text(at: datetime) -> str:
    """Return ``at`` as ``2024-11-19T10:00:00.000000Z``: UTC, fixed width, sorts in time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Return the datetime of a text that `to_text` made."""
    return datetime.fromisoformat(text)


def parse_at(value: object, where: str = "at") -> datetime:
    """Return the time that a user gave: a timezone-aware datetime or an ISO 8601 text. A text without an offset is UTC.

    Raises:
        InvalidInteraction: it is neither; ``where`` names the field.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidInteraction(
                f"{where}={value!r} has no time zone; give a timezone-aware datetime such as datetime.now(timezone.utc)"
            )
        return _on_the_calendar(value, where)
    if isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value.strip())
        except ValueError:
            raise InvalidInteraction(
                f"{where}={value!r} is not a time; use ISO 8601, as in 2024-03-01T10:00:00Z"
            ) from None
        return _on_the_calendar(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC), where)
    raise InvalidInteraction(f"{where}={value!r} is not a time; use a timezone-aware datetime or ISO 8601 text")


def _on_the_calendar(at: datetime, where: str) -> datetime:
    """An offset can lead out of the years 1 to 9999, and then no text can be made of a time."""
    try:
        at.astimezone(UTC)
    except OverflowError:
        raise InvalidInteraction(f"{where}={at.isoformat()!r} is outside the years 1 to 9999 in UTC") from None
    return at

"""Checks of what is given to a verb: a wrong value is refused with its name and what would be accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmem.errors import ConfigError

MOST = 2**31 - 1
"""The largest whole number that a limit may be."""


def text(name: str, value: object) -> str:
    """Return ``value`` when it is a text.

    Raises:
        ConfigError: it is not.
    """
    if not isinstance(value, str):
        raise ConfigError(name, value, "a text")
    return value


def text_or_none(name: str, value: object) -> str | None:
    """Return ``value`` when it is a text or None.

    Raises:
        ConfigError: it is neither.
    """
    return None if value is None else text(name, value)


def whole(name: str, value: object, least: int = 0) -> int:
    """Return ``value`` when it is a whole number from ``least`` to `MOST`.

    Raises:
        ConfigError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST:
        raise ConfigError(name, value, f"a whole number from {least} to {MOST:,}")
    return value


def whole_or_none(name: str, value: object, least: int = 0) -> int | None:
    """Return ``value`` when it is None or such a number.

    Raises:
        ConfigError: it is neither.
    """
    return None if value is None else whole(name, value, least)


def seconds(name: str, value: object) -> float:
    """Return ``value`` when it is a number of seconds, 0 or more.

    Raises:
        ConfigError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ConfigError(name, value, "a number of seconds of at least 0")
    return float(value)


def mapping(name: str, value: object) -> dict[str, Any]:
    """Return a copy of ``value`` when it is a mapping with texts as keys; None is an empty one.

    Raises:
        ConfigError: it is not.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ConfigError(name, value, "a mapping from names to values")
    return dict(value)


def flag(name: str, value: object) -> bool:
    """Return ``value`` when it is True or False.

    Raises:
        ConfigError: it is not.
    """
    if not isinstance(value, bool):
        raise ConfigError(name, value, "True or False")
    return value

"""What an endpoint's error means and what to do about it. Pure.

No text of an endpoint reaches a message: it may repeat the key or the user's words. A code such as
``context_length_exceeded`` may.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRIED = frozenset({408, 409, 425, 429})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{2,60}")
_OUT_OF_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


def is_passing(status: int, code: str | None) -> bool:
    """Whether trying the same request again may help: the server is busy or broken, and not out of credit."""
    return (status in RETRIED or status >= 500) and code not in _OUT_OF_MONEY


def cause_of_status(status: int, code: str | None, *, model: str, endpoint: str) -> str:
    """Return in one line what an HTTP error means and what to do.

    Args:
        status: the HTTP status.
        code: the endpoint's own word for it, or None.
        model: the model that was asked for.
        endpoint: host and port.
    """
    known = f" ({code})" if code and _CODE.fullmatch(code) else ""
    if status == 401:
        return f"{endpoint} refused the API key (401); check api_key or OPENAI_API_KEY"
    if status == 403:
        return f"{endpoint} does not allow this key to use {model!r} (403); check the key's permissions"
    if status == 404:
        return f"{endpoint} knows no model {model!r} or is not an OpenAI-compatible endpoint (404); check model and base_url"
    if code in _OUT_OF_MONEY:
        return f"the account at {endpoint} is out of credit ({code}); its owner has to add some"
    if status == 429:
        return (
            f"{endpoint} takes no more requests for now (429); fewer at once may help: concurrency, requests_per_minute"
        )
    if status >= 500:
        return f"{endpoint} answered {status}{known}"
    return f"{endpoint} refused the request with {status}{known}"


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a server asks to wait, or None when it says nothing usable.

    Args:
        headers: of the response, looked up without regard to case.
        now: the present (timezone-aware), for an answer that names a date.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    told = headers.get("retry-after")
    seconds = _number(told)
    if seconds is not None or not told:
        return seconds
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None

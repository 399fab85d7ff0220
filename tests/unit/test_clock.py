"""Points in time that users give."""

from __future__ import annotations

import pytest

from graphmem.clock import from_text, parse_at, to_text
from graphmem.errors import InvalidInteraction


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_that_has_no_text_in_utc_is_refused(at: str) -> None:
    with pytest.raises(InvalidInteraction, match="outside the years 1 to 9999"):
        parse_at(at)


@pytest.mark.parametrize("at", ["0001-01-01T05:00:00+05:00", "9999-12-31T23:59:59", "2024-03-01T10:00:00+01:00"])
def test_a_time_comes_back_from_its_text(at: str) -> None:
    assert from_text(to_text(parse_at(at))) == parse_at(at)

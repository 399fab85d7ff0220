"""Friends who part are no couple that ends, whatever a model takes them for."""

from __future__ import annotations

import asyncio

import pytest
from rules_reading import AT, line

from extraction import LocalExtractor, Turn

LOCAL = LocalExtractor()


def read(*texts: str) -> set[str]:
    return {line(f) for f in asyncio.run(LOCAL.extract([Turn("user", text, at=AT) for text in texts])).facts}


@pytest.mark.parametrize(
    "parting",
    [
        "Carla and I don't talk any more.",
        "Carla and I fell out over money last year.",
        "I fell out with Carla.",
    ],
)
def test_a_friend_is_none_any_more(parting: str) -> None:
    found = read("My friend Carla lives in Ghent.", parting)
    assert "user HAS_FRIEND Carla ended" in found
    assert not any("PARTNER_OF" in one for one in found)


def test_who_is_of_the_family_stays_so() -> None:
    found = read("My brother Tim is a cook.", "Tim and I don't speak anymore.")
    assert "user HAS_SIBLING Tim" in found
    assert not any("ended" in one for one in found)


def test_a_couple_that_parts_is_a_couple() -> None:
    assert "user PARTNER_OF Ida ended" in read("My girlfriend is Ida.", "Ida and I broke up.")


def test_to_make_up_ends_nothing() -> None:
    assert not any("ended" in one for one in read("My friend Carla lives in Ghent.", "Carla and I made up."))

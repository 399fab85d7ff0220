"""Long texts are read beside the event loop, with the same outcome; many at once do not disturb each other."""

from __future__ import annotations

import asyncio
import threading

import pytest

from extraction import ExtractionContext, LocalExtractor, RuleExtractor, Turn
from extraction.local.extractor import _LONG

SENTENCES = (
    "I live in Porto.",
    "My sister Ana likes tea.",
    "I work at Siemens.",
    "I don't own a car.",
    "I used to smoke.",
)
FILLER = "It rained for most of the day and nobody went out. "


def long_text(number: int) -> str:
    """A long text that says a few things, other ones in another order for each number."""
    said = " ".join(SENTENCES[(number + place) % len(SENTENCES)] for place in range(1 + number % 4))
    return FILLER * (1 + _LONG // len(FILLER)) + said


class Watched(RuleExtractor):
    """Notes in which thread it read."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[threading.Thread] = []

    def read(self, turns, context=None):
        self.threads.append(threading.current_thread())
        return super().read(turns, context)


@pytest.mark.parametrize(
    ("turns", "history", "elsewhere"),
    [
        ([Turn("user", "I live in Porto.")], (), False),
        ([Turn("user", long_text(0))], (), True),
        ([Turn("user", "I like tea." + " " * 30)] * (_LONG // 30), (), True),
        ([Turn("user", "I live in Porto.")], (Turn("user", long_text(0)),), True),
        ([Turn("assistant", long_text(0)), Turn("user", "I live in Porto.")], (), False),
    ],
    ids=["short", "long", "many", "long before", "long answer"],
)
async def test_only_what_is_long_goes_to_a_thread(turns, history, elsewhere):
    extractor = Watched()
    read = await extractor.extract(turns, ExtractionContext(history))
    assert read.facts
    assert [t is not threading.main_thread() for t in extractor.threads] == [elsewhere]


async def test_the_loop_goes_on_meanwhile():
    """While a text is read that takes long, others have their turns again and again."""
    extractor, turns = RuleExtractor(), 0
    await extractor.extract([Turn("user", "I live in Porto.")])
    reading = asyncio.create_task(extractor.extract([Turn("user", FILLER * 2000 + "I live in Porto.")]))
    while not reading.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 5
    assert [f.object.name for f in reading.result().facts] == ["Porto"]


async def test_many_at_once_are_read_as_one_by_one():
    extractor = LocalExtractor()
    texts = [long_text(number) for number in range(16)]
    alone = [extractor.read([Turn("user", text)]) for text in texts]
    short = [extractor.read([Turn("user", text)]) for text in SENTENCES]
    at_once = await asyncio.gather(*(extractor.extract([Turn("user", text)]) for text in (*texts, *SENTENCES)))
    assert at_once == [*alone, *short]

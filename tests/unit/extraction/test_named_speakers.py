"""People who talk to each other in a transcript: whoever is addressed is not who speaks."""

from __future__ import annotations

import asyncio

import pytest

from extraction import ExtractionContext, LocalExtractor, RuleExtractor, Turn


@pytest.mark.parametrize("kind", [LocalExtractor, RuleExtractor])
def test_how_the_other_one_is_addressed_is_no_name_of_the_speaker(kind):
    turns = [
        Turn("user", "Hey Nadia! I moved to Lyon in May.", name="Tomas"),
        Turn("user", "Wow, Tomas, that's great! I'm still in Bern, Tomas.", name="Nadia"),
        Turn("user", "Thanks, Nadia!", name="Tomas"),
    ]
    facts = asyncio.run(kind().extract(turns, ExtractionContext())).facts
    assert [f for f in facts if f.predicate == "HAS_NAME"] == []
    assert ("Tomas", "LIVES_IN", "Lyon") in {(f.subject.name, f.predicate, f.object.name) for f in facts}

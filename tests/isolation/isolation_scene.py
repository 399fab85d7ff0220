"""A memory that somebody else's secrets are in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from extraction import Extraction, ExtractionContext, ExtractionError, RuleExtractor, Turn
from graphmem import MemLayerConfig
from graphmem.records import Fact
from graphmem.sync import MemLayer

RULES = RuleExtractor()
UNREADABLE = "Read this if you can"
SECRETS = ("Quetzalburg", "Xochipilli", "Zyrconium", "Vexilburg", "gunpowder", "Ixchelina", "passphrase", UNREADABLE)
"""Words that only the victim's memory has: in texts, facts, names, metadata, summaries and causes of failures."""
SAID = (
    "I live in Quetzalburg.",
    "My sister Ixchelina works at Zyrconium.",
    "I am allergic to gunpowder.",
    "I used to live in Vexilburg.",
    "Tell me about Xochipilli and Zyrconium, please.",
    "Sorry, what I meant was Xochipilli again.",
)


class SometimesUnable:
    """Reads what the rules read, and fails at one text of each user in words of that text."""

    catalogue = RULES.catalogue

    async def extract(self, turns: Sequence[Turn], context: ExtractionContext | None = None) -> Extraction:
        """See `extraction.Extractor.extract`."""
        if any(turn.text == UNREADABLE for turn in turns):
            raise ExtractionError(f"cannot read {UNREADABLE!r}")
        return await RULES.extract(turns, context)


@dataclass(frozen=True)
class Scene:
    """A memory of two users.

    Args:
        memory: the memory.
        victim, mallory: the users.
        session: a session of the victim's.
        own_session: a session of mallory's.
        facts: the victim's facts.
        job: a job of the victim's that waits.
    """

    memory: MemLayer
    victim: str
    mallory: str
    session: str
    own_session: str
    facts: tuple[Fact, ...]
    job: str

    def secrets_in(self, answer: object) -> list[str]:
        """The victim's words that are in an answer, however deep."""
        said = repr(answer)
        return [secret for secret in SECRETS if secret.casefold() in said.casefold()]

    def everything(self) -> tuple[object, ...]:
        """All that the victim's memory holds."""
        m, who = self.memory, self.victim
        return m.messages(user_id=who), m.facts(who), m.stats(who), m.pending(who), list(m.export(who))


@contextmanager
def playing(where: MemLayerConfig) -> Iterator[Scene]:
    """Set the scene in a store, and look afterwards whether the victim's memory is as it was."""
    unique = uuid4().hex[:10]
    victim, mallory, session, own = (f"{name}-{unique}" for name in ("victim", "mallory", "s", "own"))
    with MemLayer(replace(where, extractor=SometimesUnable(), buffer_size=2)) as memory:
        for number, text in enumerate(SAID):
            entry = {"input": text, "output": f"Noted: {text}", "id": f"m{number}", "metadata": {"pin": "passphrase"}}
            memory.store(session, entry, user_id=victim)
        memory.store(session, {"input": UNREADABLE, "id": "unreadable"}, user_id=victim)
        memory.store(own, {"input": "I live in Leeds with my brother Tom.", "output": "Noted.", "id": "m0"}, mallory)
    with MemLayer(replace(where, extractor="none")) as memory:
        (job,) = memory.pending(victim)
        scene = Scene(memory, victim, mallory, session, own, tuple(memory.facts(victim)), job.id)
        before = scene.everything()
        try:
            yield scene
            assert scene.everything() == before
        finally:
            for user in (victim, mallory):
                memory.forget(user_id=user)

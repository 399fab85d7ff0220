"""The facts of a transcript without any store: each exchange with what was said before it, through an extractor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from extraction.base import EndpointError, Extractor
from extraction.catalogue import Catalogue
from extraction.records import USER, EntityMention, ExtractedFact, Extraction, ExtractionContext, Turn
from graphmem.clock import to_text
from graphmem.errors import LLMError
from graphmem.records import Entity
from graphmem.render import fact_text
from graphmem.transcripts.records import Exchange, TranscriptMessage
from graphmem.transcripts.transcript import Transcript

_HISTORY = 6
_KNOWN = 200


@dataclass(frozen=True, slots=True)
class FoundFact:
    """A fact, with the message that states it."""

    session_id: str
    user_id: str
    message: TranscriptMessage
    fact: ExtractedFact

    @property
    def text(self) -> str:
        """The fact as a sentence."""
        fact = self.fact
        return fact_text(
            Catalogue(),
            _entity(fact.subject),
            fact.predicate,
            _entity(fact.object),
            fact.status,
            fact.polarity,
            fact.verb,
            fact.evidence,
        )

    def as_dict(self) -> dict[str, object]:
        """Return the fact as plain values, ready for JSON."""
        fact = self.fact
        return {
            "user_id": self.user_id,
            "session_id": self.session_id,
            "message_id": self.message.id,
            "at": None if self.message.at is None else to_text(self.message.at),
            "subject": _mention(fact.subject),
            "predicate": fact.predicate,
            "object": _mention(fact.object),
            "text": self.text,
            "status": str(fact.status),
            "polarity": fact.polarity,
            "valid_from": fact.valid_from,
            "valid_to": fact.valid_to,
            "confidence": fact.confidence,
            "verb": fact.verb,
            "evidence": fact.evidence,
        }


async def read_facts(
    transcript: Transcript, extractor: Extractor, heard: Callable[[Exchange, Extraction], None] | None = None
) -> AsyncIterator[FoundFact]:
    """Yield the facts of a transcript in its order, as each message states them: nothing is reconciled.

    Args:
        transcript: the conversations.
        extractor: reads them; it sees the six messages before and the entities of the user's earlier messages.
        heard: is told of each exchange that has been read, before its facts come.

    Raises:
        InvalidTranscript: the file cannot be read.
        LLMError: a language model's endpoint failed; names the message.
        ExtractionError: another extractor failed.
    """
    history: dict[str, list[Turn]] = {}
    known: dict[str, dict[tuple[str, str], EntityMention]] = {}
    for exchange in transcript.exchanges():
        turns = [_turn(message) for message in exchange.messages]
        earlier = history.setdefault(exchange.session_id, [])
        entities = known.setdefault(exchange.user_id, {})
        names = {exchange.user_id, *(name for name, label in entities if label == "Name")}
        context = ExtractionContext(tuple(earlier), tuple(entities.values()), frozenset(names))
        try:
            extraction = await extractor.extract(turns, context)
        except EndpointError as error:
            where = f"message {exchange.messages[0].id!r} of session {exchange.session_id!r}"
            raise LLMError(f"{error} ({where})") from error
        if heard is not None:
            heard(exchange, extraction)
        for fact in extraction.facts:
            yield FoundFact(exchange.session_id, exchange.user_id, exchange.messages[fact.turn], fact)
        for entity in extraction.entities:
            if entity != USER:
                entities.pop((entity.name, entity.label), None)
                entities[entity.name, entity.label] = entity
        for oldest in list(entities)[:-_KNOWN]:
            del entities[oldest]
        history[exchange.session_id] = [*earlier, *turns][-_HISTORY:]


def _turn(message: TranscriptMessage) -> Turn:
    return Turn(message.role, message.text, message.name, message.at, message.id)


def _entity(mention: EntityMention) -> Entity:
    return Entity("", mention.name, mention.label, mention.aliases)


def _mention(mention: EntityMention) -> dict[str, object]:
    return {"name": mention.name, "label": mention.label, "aliases": list(mention.aliases)}

"""The records that users get back, frozen and typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from extraction.records import NO_USAGE, EntityMention, FactStatus, Usage

__all__ = [
    "Context",
    "Entity",
    "EntityMention",
    "Fact",
    "FactStatus",
    "Finding",
    "Forgotten",
    "Hit",
    "Message",
    "PendingJob",
    "Statement",
    "Stats",
    "StoreResult",
    "Usage",
]


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, place or thing of one user's graph.

    ``id`` is derived from the user, the label and the normalised name (`graphmem.resolve.entity_id`). The user is the
    entity with label ``User``; its name is the one that the user gave, else "User". ``aliases`` are other names
    that lead to it, in the order in which they came.
    """

    id: str
    name: str
    label: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim of one message: the raw material of the ledger, as it was said and never changed.

    Args:
        id: derived from the message and the claim, so that the same extraction gives the same statement.
        session_id, message_id: where it was said.
        at: when it was said (timezone-aware).
        order: position among the statements of the same moment (message, then place in the message).
        subject, predicate, object, verb, replaces: as in `extraction.ExtractedFact`; mentions, not resolved entities.
        status: what it says of the fact.
        valid_from, valid_to: EDTF level 0 or None.
        confidence: 0 to 1.
        evidence: the words it was read from.
    """

    id: str
    session_id: str
    message_id: str
    at: datetime
    order: int
    subject: EntityMention
    predicate: str
    object: EntityMention
    status: FactStatus = FactStatus.CURRENT
    valid_from: str | None = None
    valid_to: str | None = None
    confidence: float = 1.0
    evidence: str = ""
    verb: str | None = None
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What the statements of a relation between two entities come to.

    Args:
        id: stable as long as the relation between the two has one episode; see `graphmem.reconcile`.
        subject, predicate, object: the relation.
        text: the fact as a sentence that needs no context ("lives in Porto", "Ana (sister) works at Siemens").
        status: current, ended, retracted or negated.
        polarity: ``"-"`` for a denial or a retraction, else ``"+"``.
        valid_from, valid_to: when it became true and stopped, as precise as was said (EDTF level 0), or None.
        recorded_at: when it was first said.
        confidence: 0 to 1.
        message_ids: the messages that support it, oldest first.
        evidence: the words of the newest supporting message that it was read from.
        retired_at: when the message came that made it no longer current; None while current.
        supersedes: ids of the facts that it ended.
        statements: the claims it was derived from, oldest first.
    """

    id: str
    subject: Entity
    predicate: str
    object: Entity
    text: str
    status: FactStatus
    polarity: str
    valid_from: str | None
    valid_to: str | None
    recorded_at: datetime
    confidence: float
    message_ids: tuple[str, ...]
    evidence: str
    retired_at: datetime | None = None
    supersedes: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message. ``seq`` counts from 1 within its session; ``id`` is unique within its session.

    ``metadata`` is what the caller gave with it, as canonical JSON (an object, keys sorted, no spaces), or None:
    ``json.loads(message.metadata or "{}")``.
    """

    id: str
    session_id: str
    user_id: str
    seq: int
    role: str
    name: str | None
    text: str
    at: datetime
    metadata: str | None = None


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A part of a session's summary, and which messages it may have words of.

    Args:
        text: what it says.
        first, last: the ``seq`` of the first and of the last of these messages.
        since: when the oldest of them was said.
    """

    text: str
    first: int
    last: int
    since: datetime


@dataclass(frozen=True, slots=True)
class StoreResult:
    """What ``store`` did.

    Args:
        message_ids: ids of the interaction's messages.
        pending: their extraction is still to come.
        facts: the facts that were added or changed.
        new_ids: those of ``message_ids`` that were not there before.
        usage: what a language model was asked for the facts; nothing as long as its answer is still to come.
    """

    message_ids: tuple[str, ...]
    pending: bool
    facts: tuple[Fact, ...]
    new_ids: tuple[str, ...] = ()
    usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True)
class Context:
    """What to put into the next prompt; ``str(context)`` is ``text``.

    Args:
        text: the rendered context, at most ``max_tokens`` long where the newest turns allow it.
        facts: the facts in it, most useful first.
        messages: the newest turns of the session in it, oldest first.
        related: older messages in it, best first.
        summary: the lines of the session's summary in it, or an empty text.
        tokens: length of ``text`` as counted by `graphmem.compose.count_tokens`.
    """

    text: str
    facts: tuple[Fact, ...] = ()
    messages: tuple[Message, ...] = ()
    related: tuple[Message, ...] = ()
    summary: str = ""
    tokens: int = 0

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result: a message or a fact, with a score that is comparable within one search."""

    score: float
    message: Message | None = None
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many messages, facts, entities and sessions went."""

    messages: int = 0
    facts: int = 0
    entities: int = 0
    sessions: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts over the store or one user.

    ``pending`` counts messages whose facts are still to come. ``llm_requests``, ``prompt_tokens`` and ``completion_tokens`` are
    the sums of what a language model was asked to read the messages, as its endpoint counted; they go with their user.
    """

    users: int
    sessions: int
    messages: int
    entities: int
    facts: int
    current_facts: int
    pending: int
    llm_requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class PendingJob:
    """An interaction whose facts are still to come.

    Args:
        id: what `graphmem.MemLayer.skip` takes.
        user_id, session_id: whose it is.
        message_ids: its messages.
        attempts: how often reading it failed.
        error: cause of the last failure, or None.
        parked: it is set aside, and only a flush tries it again.
        retry_at: when it is tried again, or None.
        leased_until: until when a worker holds it, or held it; None when nobody does.
    """

    id: str
    user_id: str
    session_id: str
    message_ids: tuple[str, ...]
    attempts: int
    error: str | None
    parked: bool
    retry_at: datetime | None
    leased_until: datetime | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a store that is not as it should be. It quotes nothing that was said.

    Args:
        kind: what kind of thing, one of `graphmem.checking.KINDS`.
        user_id: whose memory it is in; None when it is nobody's or everybody's.
        about: id of the message, fact, entity, session or job.
        text: what is wrong, in one line.
        repairable: a repair puts it right from what else is stored, and loses nothing that was said.
    """

    kind: str
    user_id: str | None
    about: str
    text: str
    repairable: bool = True

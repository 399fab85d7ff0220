"""What goes into an extractor and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

USER_LABEL = "User"


class FactStatus(StrEnum):
    """What a statement says of its fact, and what the ledger knows of it in the end.

    ``current``: it holds. ``ended``: it held and does not any more ("used to", "no longer").
    ``negated``: a denial ("I don't own a car"). ``retracted``: it never held ("I meant Osaka, not Tokyo").
    """

    CURRENT = "current"
    ENDED = "ended"
    RETRACTED = "retracted"
    NEGATED = "negated"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation.

    Args:
        role: ``"user"``, ``"assistant"``, ``"system"`` or ``"tool"``. Only a user's turn can be evidence of a fact.
        text: the words.
        name: the speaker, where a transcript has several people under the role ``user``.
        at: when it was said (timezone-aware); relative dates in the text are counted from it.
        id: the message's identifier, carried through.
    """

    role: str
    text: str
    name: str | None = None
    at: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class EntityMention:
    """An entity as a text mentions it; two mentions may turn out to be one entity later.

    Args:
        name: the words that name it ("Ana", "New York"), without article or possessive. The speaking user is "User".
        label: one of the catalogue's labels.
        aliases: other words of the same text for the same entity: ``("sister",)`` for Ana in "my sister Ana".
        unnamed: True when ``name`` is a relation to its owner and not a name: "sister", "sister's boyfriend", "dog".
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    unnamed: bool = False


USER = EntityMention("User", USER_LABEL)


@dataclass(frozen=True, slots=True)
class ExtractedFact:
    """One statement read off a turn.

    Args:
        subject, predicate, object: the relation; the predicate is one of the catalogue's.
        status: what the statement says of it.
        evidence: the words it was read from, a verbatim part of the turn's text.
        turn: index of that turn in the list given to ``extract``.
        valid_from, valid_to: EDTF level 0 ("2024", "2024-11", "2024-11-19") or None when nothing was said.
        confidence: 0 to 1, the estimated chance that the fact is right.
        replaces: the statement says that other values of a many-valued predicate end ("new job at", "switched to").
        ends_all: with status ``ended``: every current value ends ("I quit my job", no employer named);
            the object is then only a placeholder and never stored.
        verb: for RELATED_TO, the words between subject and object, in the third person ("volunteers at").
    """

    subject: EntityMention
    predicate: str
    object: EntityMention
    status: FactStatus = FactStatus.CURRENT
    evidence: str = ""
    turn: int = 0
    valid_from: str | None = None
    valid_to: str | None = None
    confidence: float = 1.0
    replaces: bool = False
    ends_all: bool = False
    verb: str | None = None

    @property
    def polarity(self) -> str:
        """``"-"`` for a denial or a retraction, else ``"+"``."""
        return "-" if self.status in (FactStatus.NEGATED, FactStatus.RETRACTED) else "+"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a language model was asked: number of requests that it answered, and tokens as its endpoint counted them."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an extractor read: entities, facts in the order of the text, what was dropped and why (counts), and what a
    language model was asked for it (nothing when none was)."""

    entities: tuple[EntityMention, ...] = ()
    facts: tuple[ExtractedFact, ...] = ()
    dropped: dict[str, int] = field(default_factory=dict)
    usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True)
class ExtractionContext:
    """What is known before the turns, for pronouns, answers to questions and names seen earlier.

    Args:
        history: the turns just before, oldest first; never evidence.
        known: entities of the user's graph that the turns may refer to.
        user_names: names that are the user's own; a named speaker with one of them is the User.
    """

    history: tuple[Turn, ...] = ()
    known: tuple[EntityMention, ...] = ()
    user_names: frozenset[str] = frozenset()

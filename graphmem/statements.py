"""From what an extractor read to the statements of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from extraction.catalogue import Catalogue
from extraction.records import EntityMention, ExtractedFact, FactStatus
from graphmem.endings import begins, ends_only_one, fits
from graphmem.identity import derived_id
from graphmem.mentions import PLACES_IN_MESSAGE, moment
from graphmem.records import Fact, Message, Statement
from graphmem.resolve import Resolver


def to_statements(
    facts: Iterable[ExtractedFact], messages: Sequence[Message], catalogue: Catalogue
) -> tuple[list[Statement], list[Statement]]:
    """Turn extracted facts into statements of the messages that they were read from.

    Args:
        facts: what was read; ``turn`` is an index into ``messages``. Only what a user said becomes a statement.
        messages: the messages of the interaction.
        catalogue: facts whose predicate is not in it are left out.

    Returns:
        The statements, and those that end every current value of their predicate (``ends_all``): these name no object
        and have to be spelled out with `spelled_out` once the current facts are known.
    """
    plain: dict[str, Statement] = {}
    sweeping: dict[str, Statement] = {}
    for place, fact in enumerate(facts):
        if fact.predicate not in catalogue or not 0 <= fact.turn < len(messages) or messages[fact.turn].role != "user":
            continue
        statement = _statement(fact, messages[fact.turn], place)
        (sweeping if fact.ends_all else plain).setdefault(statement.id, statement)
    return list(plain.values()), list(sweeping.values())


def _statement(fact: ExtractedFact, message: Message, place: int) -> Statement:
    claim = (*_mention_id(fact.subject), fact.predicate, *_mention_id(fact.object), fact.status.value, fact.verb)
    return Statement(
        id=derived_id("statement", message.user_id, message.session_id, message.id, *claim),
        session_id=message.session_id,
        message_id=message.id,
        at=message.at,
        order=message.seq * PLACES_IN_MESSAGE + min(place, PLACES_IN_MESSAGE - 1),
        subject=fact.subject,
        predicate=fact.predicate,
        object=fact.object,
        status=fact.status,
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
        confidence=fact.confidence,
        evidence=fact.evidence,
        verb=fact.verb,
        replaces=fact.replaces,
    )


def _mention_id(mention: EntityMention) -> tuple[str, str]:
    return mention.label, mention.name


def spelled_out(sweeping: Sequence[Statement], current: Iterable[Fact]) -> list[Statement]:
    """Return one ``ended`` statement for each current fact that a sweeping one ends: "I quit my job" every job, "I sold the Fiesta"
    the Ford Fiesta, if that is the only one; or the statement of what begins with it.

    Args:
        sweeping: statements with the object left open, and those of `graphmem.endings`.
        current: the facts known, of the predicates concerned.
    """
    facts = [f for f in current if f.status is FactStatus.CURRENT]
    predicates = {f.predicate for f in facts}
    sweeping = [s for s in sweeping if s.predicate in predicates]
    if not sweeping:
        return []
    resolver = Resolver(s for f in facts for s in f.statements)
    found = []
    for statement in sweeping:
        who = resolver.resolve(statement.subject, statement)
        ended = []
        for fact in facts:
            told = max(fact.statements, key=moment)
            if fact.predicate != statement.predicate or moment(told) > moment(statement) or not fits(statement, told):
                continue
            if _was_long_over(statement, told):
                continue
            ends = [(told.subject, told.object), (told.object, told.subject)]
            for subject, object in ends:
                if resolver.resolve(subject, told) == who:
                    ended.append(_ending(statement, subject, object))
                    break
        if len(ended) < 2 or not ends_only_one(statement):
            found += ended
    return found


def _was_long_over(ending: Statement, told: Statement) -> bool:
    """Whether something ended years before ``told`` was said, which is thus something else: "In 2009 I was made redundant"."""
    return ending.valid_to is not None and int(ending.valid_to[:4]) < told.at.year - 1


def _ending(sweeping: Statement, subject: EntityMention, object: EntityMention) -> Statement:
    identity = derived_id("ending", sweeping.id, *_mention_id(object))
    spelled = replace(sweeping, id=identity, subject=subject, object=object)
    begun = begins(sweeping)
    return spelled if begun is None else replace(spelled, predicate=begun, status=FactStatus.CURRENT)

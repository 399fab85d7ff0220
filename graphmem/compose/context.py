"""Which lines a context has, within a budget of tokens."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from extraction.names import normalize_name
from extraction.records import USER_LABEL, FactStatus
from graphmem.compose.fence import clean, cut_middle
from graphmem.compose.page import FACTS, RECENT, RELATED, SUMMARY, Page
from graphmem.compose.tokens import count_tokens
from graphmem.compose.wording import day_mark, fact_words, message_words
from graphmem.rank.facts import MATCHED
from graphmem.rank.question import Question, read_question
from graphmem.records import Context, Entity, Fact, Hit, Message, SummaryLine
from graphmem.stores.base import Recalled
from graphmem.text import terms

SMALLEST = 64
"""Tokens below which the newest turn would have no room; a smaller budget counts as this one when there is a turn to show."""

FIRST_FACTS = 8
UNMATCHED_FACTS = 20
RELATED_MESSAGES = 10
RELATED_MINIMUM = 0.05
"""Share of the best message's score from which another one is related enough to be told."""

LEAST_QUOTED = 8
"""Characters below which words that a line has in common with what is over may be chance."""

FIRST_FACTS_SHARE, FACTS_SHARE, SUMMARY_SHARE = 0.3, 0.4, 0.2
NEWEST_SHARE, TURN_SHARE, RELATED_SHARE, FACT_SHARE = 0.6, 0.25, 0.12, 0.12
"""Shares of the budget: of sections, and of one turn, message or fact. The newest turn keeps its length when it fits at all."""

FACTS_TOKENS = 400
"""What facts may take of a small budget where nothing else needs it; many weak facts hide the good ones."""

_STANDINGS = (FactStatus.CURRENT, FactStatus.NEGATED, FactStatus.ENDED, FactStatus.RETRACTED)

SHORTEST = 24
"""Tokens that a shortened text keeps at least, where there is room for them."""


def compose(recalled: Recalled, facts: Sequence[Hit], related: Sequence[Hit], *, max_tokens: int) -> Context:
    """Render what an agent should know before it answers, in at most ``max_tokens``.

    In the order of what is given up last: the newest turn (its middle is cut when it alone is too long), the best facts, the
    summary, the other recent turns from the newest back, more facts, related older messages, the rest of the facts.
    A retracted fact is never told. One that ended is left out when a current one of the same subject and predicate is
    known, unless the question asks about the past or names its object; so is an older message that states it, and the answer to that.

    Args:
        recalled: what the store brought; its messages are the recent turns.
        facts: ranked facts, best first.
        related: ranked messages, best first; those among the recent turns are passed over.
        max_tokens: the budget, as counted by `count_tokens`; at least `SMALLEST` counts when there is a turn to show.

    Returns:
        The context; empty when there is nothing to tell.
    """
    turns = [m for m in recalled.messages if clean(m.text)]
    page = Page(max(max_tokens, SMALLEST) if turns else max_tokens)
    question = read_question(recalled.query)
    best, rest = _tellable(facts, recalled, question)
    recent = _add_turns(page, turns[-1:], [])
    told = _add_facts(page, best, FIRST_FACTS_SHARE)
    summary = _add_summary(page, _telling(recalled.summary, recalled, question))
    recent = _add_turns(page, turns[:-1], recent)
    told |= _add_facts(page, [f for f in (*best, *rest) if f.id not in told], FACTS_SHARE)
    others = _add_related(page, _still_so(related, recalled, question), recalled.messages)
    most = max(FACTS_SHARE, FACTS_TOKENS / max(page.budget, 1))
    told |= _add_facts(page, [f for f in (*best, *rest) if f.id not in told], most)
    return Context(
        text=page.text(),
        facts=tuple(f for f in (*best, *rest) if f.id in told),
        messages=tuple(recent),
        related=tuple(others),
        summary=summary,
        tokens=page.tokens(),
    )


def _tellable(hits: Sequence[Hit], recalled: Recalled, question: Question) -> tuple[list[Fact], list[Fact]]:
    """The facts that may be told: the best ones, and the others without the many that nothing speaks for."""
    ranked = [(hit.score, hit.fact) for hit in hits if hit.fact is not None]
    present = {(f.subject.id, f.predicate) for _, f in ranked if f.status is FactStatus.CURRENT}
    lived = {(f.subject.id, normalize_name(f.object.name)) for _, f in ranked if f.predicate == "LIVES_IN"}
    ties = _ties(recalled.facts)
    told = [
        (score, fact)
        for score, fact in ranked
        if fact.status is not FactStatus.RETRACTED
        and not _is_replaced(fact, present, question)
        and not _says_less(fact, lived, question)
        and not _is_left_behind(fact, ties, question)
    ]
    best, others = told[:FIRST_FACTS], told[FIRST_FACTS:]
    matched = [fact for score, fact in others if score >= MATCHED]
    unmatched = [fact for score, fact in others if score < MATCHED]
    return [fact for _, fact in best], matched + unmatched[:UNMATCHED_FACTS]


def _is_replaced(fact: Fact, holding: Container[tuple[str, str]], question: Question) -> bool:
    """Whether a fact is over while another of its subject and predicate holds, and the question asks neither for the past nor
    for its object."""
    return (
        fact.status is FactStatus.ENDED
        and not question.past
        and (fact.subject.id, fact.predicate) in holding
        and not _names(question, fact.object)
    )


def _is_left_behind(fact: Fact, ties: Mapping[str, FactStatus], question: Question) -> bool:
    """Whether a fact tells what something is that the user has no more, unless the question is about the past or names it."""
    tie = ties.get(normalize_name(fact.subject.name)) if fact.predicate == "IS_A" else None
    if tie is not FactStatus.ENDED:
        return tie is FactStatus.RETRACTED
    return not question.past and not (_names(question, fact.subject) and question.points_at("IS_A") > 0.0)


def _says_less(fact: Fact, lived: Container[tuple[str, str]], question: Question) -> bool:
    """Whether a visit is to where somebody has lived ("came back from Lima"), and the question does not name the place."""
    return (
        fact.predicate == "VISITED"
        and (fact.subject.id, normalize_name(fact.object.name)) in lived
        and not _names(question, fact.object)
    )


def _names(question: Question, entity: Entity) -> bool:
    return not frozenset(question.terms).isdisjoint(terms(entity.name))


def _ties(facts: Sequence[Fact]) -> dict[str, FactStatus]:
    """How what the user had to do with each thing stands, by its name (its label may have been read in two ways): the best tie.

    "Rekku is a dog" reads as if Rekku were still the user's, and "Misu is a cat" as if the cat had not been misspelled.
    """
    ties: dict[str, FactStatus] = {}
    for fact in facts:
        if USER_LABEL in (fact.subject.label, fact.object.label):
            other = fact.object if fact.subject.label == USER_LABEL else fact.subject
            name = normalize_name(other.name)
            ties[name] = min(fact.status, ties.get(name, fact.status), key=_STANDINGS.index)
    return ties


def _add_facts(page: Page, facts: Sequence[Fact], share: float) -> set[str]:
    """Add facts until the section has its share of the budget; return the ids of those that found room."""
    added = set()
    for fact in facts:
        line = fact_words(fact, max(SHORTEST, int(page.budget * FACT_SHARE)))
        if page.spent(FACTS) + count_tokens(line) > page.budget * share or not page.add(FACTS, line):
            break
        added.add(fact.id)
    return added


def _telling(summary: Sequence[SummaryLine], recalled: Recalled, question: Question) -> list[str]:
    """The lines of a summary, without those that quote what is known to be over, unless the question asks about the past."""
    lines = [clean(line.text) for line in summary]
    if question.past:
        return lines
    over = [f for f in recalled.facts if f.status in (FactStatus.ENDED, FactStatus.RETRACTED)]
    words = {clean(text) for f in over for text in (f.evidence, *(s.evidence for s in f.statements))}
    telling = [quoted for quoted in words if len(quoted) >= LEAST_QUOTED]
    return [line for line in lines if not any(quoted in line for quoted in telling)]


def _add_summary(page: Page, lines: Sequence[str]) -> str:
    """Add the newest lines that fit into the section's share, the last one shortened when it alone is too long."""
    added: list[str] = []
    for line in reversed(lines):
        share = int(page.budget * SUMMARY_SHARE) - page.spent(SUMMARY)
        words = line if added else cut_middle(line, min(share, page.room(SUMMARY)))
        if not words:
            continue
        if count_tokens(words) > share or not page.add_above(SUMMARY, "", words):
            break
        added.insert(0, words)
    return "\n".join(added)


def _add_turns(page: Page, turns: Sequence[Message], after: list[Message]) -> list[Message]:
    """Add turns from the newest back until one finds no room; return all turns on the page, oldest first.

    A turn has its day before it when it is the first or another day's than the one before; the day of the turn that was
    first so far goes when the added one is of the same day.
    """
    shown = list(after)
    for turn in reversed(turns):
        mark = day_mark(turn)
        repeated = bool(shown) and day_mark(shown[0]) == mark
        room = page.room(RECENT) - (0 if repeated else count_tokens(mark))
        limit = max(SHORTEST, int(page.budget * TURN_SHARE)) if shown else _limit_of_newest(turn, room)
        if not page.add_above(RECENT, mark, message_words(turn, limit)):
            break
        shown.insert(0, turn)
    return shown


def _limit_of_newest(turn: Message, room: int) -> int:
    around = count_tokens(message_words(turn, 0))
    whole = count_tokens(clean(turn.text))
    if whole + around <= room:
        return whole
    return min(room - around, max(SHORTEST, int(room * NEWEST_SHARE)))


def _still_so(related: Sequence[Hit], recalled: Recalled, question: Question) -> list[Hit]:
    """The messages without those that tell what another value has replaced, and without what repeats it in answer to them.

    A message that tells the change itself ("I moved from Lisbon to Porto") supports the value that holds, and stays. So does
    one about somebody who has a namesake: it may be the other one whose home that was.
    """
    bearers: dict[str, set[str]] = {}
    for entity in (end for fact in recalled.facts for end in (fact.subject, fact.object)):
        if entity.label == "Person":
            bearers.setdefault(normalize_name(entity.name), set()).add(entity.id)
    holding: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for fact in recalled.facts:
        if fact.status is FactStatus.CURRENT and (told := _places(fact)):
            holding.setdefault((fact.subject.id, fact.predicate), set()).update(told)
    over: dict[tuple[str, str], set[str]] = {}
    for fact in recalled.facts:
        alone = len(bearers.get(normalize_name(fact.subject.name), ())) < 2
        if alone and _is_replaced(fact, holding, question):
            for place in _places(fact) - holding[fact.subject.id, fact.predicate]:
                over.setdefault(place, set()).add(normalize_name(fact.object.name))
    messages = [hit.message for hit in related if hit.message is not None]
    stale = {(m.session_id, m.seq): over[m.session_id, m.id] for m in messages if (m.session_id, m.id) in over}
    return [hit for hit in related if hit.message is None or not _is_stale(hit.message, stale)]


def _places(fact: Fact) -> set[tuple[str, str]]:
    return {(s.session_id, s.message_id) for s in fact.statements if s.status is not FactStatus.ENDED}


def _is_stale(message: Message, stale: Mapping[tuple[str, int], set[str]]) -> bool:
    if (message.session_id, message.seq) in stale:
        return True
    repeated = stale.get((message.session_id, message.seq - 1), ()) if message.role == "assistant" else ()
    return any(name in normalize_name(message.text) for name in repeated)


def _add_related(page: Page, related: Sequence[Hit], recent: Sequence[Message]) -> list[Message]:
    places = {(m.session_id, m.seq) for m in recent}
    others = ((h.score, h.message) for h in related if h.message is not None)
    limit = max(SHORTEST, int(page.budget * RELATED_SHARE))
    added: list[Message] = []
    best: float | None = None
    for score, message in others:
        if (message.session_id, message.seq) in places or not clean(message.text):
            continue
        best = score if best is None else best
        if len(added) == RELATED_MESSAGES or score < best * RELATED_MINIMUM:
            break
        if not page.add(RELATED, day_mark(message) + message_words(message, limit)):
            break
        added.append(message)
    return added

"""Messages for a question, best first: a weighted sum of what speaks for each, with weights learned from conversations."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from graphmem.rank.documents import read_documents
from graphmem.rank.question import Question, read_question
from graphmem.rank.weights_messages import FACT, WEIGHTS, WEIGHTS_WITH_MEANING
from graphmem.records import Hit
from graphmem.stores.base import Recalled

NEAR = 1.5
"""By how many standard deviations a message is nearer to the question than most when its meaning alone speaks for it."""

SOFTNESS = 3.0
"""By how much a message's sum must lie below the best one's for its score to be e times smaller."""


def rank_messages(recalled: Recalled, facts: Sequence[Hit] = (), question: Question | None = None) -> list[Hit]:
    """Rank the messages that a store brought, the session's newest among them.

    A message counts by the question's words in it and around it in its session, by whether the question names its speaker
    (by name; "I" and "my" mean the user, "you" the assistant, where messages have no names), by how it is put, by its date and
    by the facts that rest on it: `graphmem.rank.features` has the figures, `graphmem.rank.weights_messages` what they are worth.
    A message with no word of the question in it or within two places of it, and no fact that answers, comes only when something was
    compared by meaning and it is `NEAR`.

    Args:
        recalled: what the store brought.
        facts: facts for the same question, best first, with scores; see `graphmem.rank.rank_facts`.
        question: the question as already read; None reads it off ``recalled.query``.

    Returns:
        Hits with a message, best first, with scores from 1 for the best one down; equal ones newest first, then by session
        and place in it.
    """
    nearness = recalled.nearness
    if recalled.query is None or not (recalled.query.terms or nearness):
        return []
    asked = read_question(recalled.query) if question is None else question
    documents, terms = read_documents(recalled, asked)
    if not documents:
        return []
    from graphmem.rank.features import features

    figures = features(documents, terms, asked, facts, recalled.message_count, nearness, recalled.frequencies)
    if figures is None:
        return []
    weights = WEIGHTS if nearness is None else WEIGHTS_WITH_MEANING
    sums = (sum(weight * figures[name] for name, weight in weights.items()) + FACT * figures["fact"]).round(9)
    fitting = ((figures["window"] > 0.0) | (figures["fact"] > 0.0) | (figures["similar"] >= NEAR)).tolist()
    ranked = [(total, d.message) for total, d, fits in zip(sums.tolist(), documents, fitting, strict=True) if fits]
    best = max((total for total, _ in ranked), default=0.0)
    return sorted((Hit(exp((total - best) / SOFTNESS), message=message) for total, message in ranked), key=_order)


def _order(hit: Hit) -> tuple[float, float, str, int]:
    assert hit.message is not None  # noqa: S101 - every hit here was made with a message
    return (-hit.score, -hit.message.at.timestamp(), hit.message.session_id, -hit.message.seq)

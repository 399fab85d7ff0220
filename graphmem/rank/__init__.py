"""How useful each message and each fact is for a question: pure decisions over what a store brought.

The order in which the store brought things never matters, and no clock is read: the same memory and the same question
give the same ranking on every store.
"""

from graphmem.rank.facts import rank_facts
from graphmem.rank.messages import rank_messages
from graphmem.rank.question import Question, read_question

__all__ = ["Question", "rank_facts", "rank_messages", "read_question"]

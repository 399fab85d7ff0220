"""What an agent reads of its memory: a short, fenced, escaped text within a budget of tokens."""

from graphmem.compose.context import compose
from graphmem.compose.fence import clean
from graphmem.compose.tokens import count_tokens

__all__ = ["clean", "compose", "count_tokens"]

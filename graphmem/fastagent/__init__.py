"""Long-term memory for FastAgent (the package ``fast-agent-mcp``), in three styles.

`FastAgent` with ``on_message`` and ``handle``: a handler that may do what it likes. ``@fast.custom(remember(memory))`` on a plain
``fast_agent.FastAgent``: nothing else to write. ``class MyAgent(remember(memory))``: either step may be overridden.
See ``docs/fastagent.md``.

Raises:
    ImportError: Python is older than 3.12, or ``fast-agent-mcp`` is missing or too old; the message says what to do.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 12):
    raise ImportError(
        f"graphmem.fastagent needs Python 3.12 or newer, as FastAgent does; this is {sys.version_info[0]}.{sys.version_info[1]}. "
        "The rest of graphmem works here: memory.turn(...) gives any model its memory"
    )

try:
    import fast_agent.agents.tool_runner
    import fast_agent.core.harness  # noqa: F401
except ImportError as error:
    raise ImportError(
        f"graphmem.fastagent needs the package fast-agent-mcp 0.10 or newer ({error}): pip install 'graphmem[fastagent]'"
    ) from error

from graphmem.fastagent.app import FastAgent, SessionAgent
from graphmem.fastagent.identity import UserMessage, session
from graphmem.fastagent.keeping import flush
from graphmem.fastagent.remembering import Remembering, remember
from graphmem.fastagent.tools import memory_tools

__all__ = ["FastAgent", "Remembering", "SessionAgent", "UserMessage", "flush", "memory_tools", "remember", "session"]

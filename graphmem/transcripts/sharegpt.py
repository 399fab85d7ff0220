"""ShareGPT: ``{"id", "conversations": [{"from": "human", "value": "..."}, ...]}``, one or a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphmem.transcripts.fields import BadEntry, message_of, session_of, user_of
from graphmem.transcripts.records import Conversation, with_times
from graphmem.transcripts.source import BadLine

_LISTS = ("conversations", "conversation", "items")


def is_conversation(entry: object) -> bool:
    """Whether ``entry`` is an object that holds a list of ``from``/``value`` turns."""
    return isinstance(entry, Mapping) and _turns(entry) is not None


def is_document(document: object) -> bool:
    """Whether ``document`` is such an object or a list with one."""
    return is_conversation(document) or (isinstance(document, list) and any(map(is_conversation, document)))


def read(document: object, bad: BadLine) -> Iterator[Conversation]:
    """Yield the conversations of a document.

    Args:
        document: the parsed file.
        bad: hears of each conversation that cannot be read.

    Raises:
        BadEntry: it is no ShareGPT file.
    """
    entries = document if isinstance(document, list) else [document]
    if not is_document(document):
        raise BadEntry('not a ShareGPT file: no "conversations" with "from" and "value" in it')
    for number, entry in enumerate(entries):
        try:
            if not isinstance(entry, Mapping):
                raise BadEntry("not an object")
            yield conversation_of(entry, number, 0)
        except BadEntry as error:
            bad(None, f"conversation {number + 1}: {error}")


def conversation_of(entry: Mapping[str, object], number: int, line: int) -> Conversation:
    """Return the conversation of one ShareGPT object.

    Args:
        entry: the object.
        number: which conversation of the file it is.
        line: its line, where the file is JSON Lines, else 0.

    Raises:
        BadEntry: it holds no turns, or one that cannot be read.
    """
    turns = _turns(entry)
    if turns is None:
        raise BadEntry('no "conversations" with "from" and "value" in it')
    found = [message_of(turn, line or index) for index, turn in enumerate(turns, start=1)]
    own = entry.get("id")
    session = session_of(entry) or (str(own).strip() or None if isinstance(own, str | int) else None)
    messages = with_times([message for message in found if message is not None])
    return Conversation(session, user_of(entry), number, tuple(messages))


def _turns(entry: Mapping[str, object]) -> list[object] | None:
    for key in _LISTS:
        turns = entry.get(key)
        if isinstance(turns, list) and any(isinstance(turn, Mapping) and "from" in turn for turn in turns):
            return turns
    return None

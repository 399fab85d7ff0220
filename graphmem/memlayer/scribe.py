"""What is written for a change of the graph: messages with their content as metadata, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from extraction.records import ExtractedFact
from graphmem.clock import to_text, utc_now
from graphmem.identity import derived_id
from graphmem.memlayer.records import KEY, ROLE
from graphmem.memlayer.rules import CONCEPT, PENDING, TASK
from graphmem.memlayer.wording import Wording, edge_text
from graphmem.records import Statement
from graphmem.stated import statement_record

_LOOKS_IN_MESSAGE = 500
"""So that a message that counts them does not get larger than a message may be."""
_OPEN_STATUSES = frozenset({PENDING, "triggered"})
"""Of a task in one of these, the user still has it."""
Node = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Note:
    """A message that is to be written, with what it says; ``records`` are as `graphmem.MemLayer.load` reads them."""

    id: str
    records: tuple[dict[str, Any], ...]


class Scribe:
    """Puts changes of one user's graph into words.

    Args:
        user_id: the user.
        session_id: where the messages go.
        wording: what nodes, edges and tasks say.
    """

    def __init__(self, user_id: str, session_id: str, wording: Wording) -> None:
        self._user_id = user_id
        self._session_id = session_id
        self._wording = wording
        self._last = datetime.min.replace(tzinfo=UTC)

    def node(self, name: str, attributes: Mapping[str, Any], *, alone: bool) -> Note:
        """Return the note of a new node; ``alone``: no edge that is written with it has its name in words."""
        claim: ExtractedFact | None
        if attributes.get("type") == TASK and "description" in attributes:
            claim = self._wording.task(attributes["description"], attributes["due_timestamp"])
        else:
            claim = self._wording.node(name, attributes.get("type", CONCEPT))
        content = {"node": name, "attributes": dict(attributes), "said": claim is not None}
        return self._note(content, claim, "" if claim is not None or not alone else name)

    def unsaid_node(self, name: str, attributes: Mapping[str, Any]) -> Note:
        """Return the note of a node that is in the graph because of what is said of it, and now gets a record of its own."""
        return self._note({"node": name, "attributes": dict(attributes), "said": False}, None)

    def edge(self, start: Node, predicate: str, end: Node, *, said_at: datetime | None) -> Note:
        """Return the note of an edge.

        Args:
            start, end: the names of its nodes with their attributes.
            predicate: its words.
            said_at: when it was said, if not now.
        """
        types = [data.get("type", CONCEPT) for _, data in (start, end)]
        names = start[0], end[0]
        claim = None if TASK in types else self._wording.edge((names[0], types[0]), predicate, (names[1], types[1]))
        content = {"edge": [names[0], predicate, names[1]], "said": claim is not None}
        return self._note(content, claim, "" if TASK in types else edge_text(names[0], predicate, names[1]), said_at)

    def change(self, node_id: str, before: Mapping[str, Any], attributes: Mapping[str, Any]) -> Note:
        """Return the note of new attributes of a node; of a task that is done, also that the user does not have it any more."""
        after = {**before, **attributes}
        claim = None
        if after.get("type") == TASK and "description" in after and _is_open(before) != _is_open(after):
            claim = self._wording.task(after["description"], after["due_timestamp"], done=not _is_open(after))
        return self._note({"change": node_id, "attributes": dict(attributes)}, claim)

    def looks(self, looks: Mapping[str, Sequence[float]], instead: Sequence[str] = ()) -> list[Note]:
        """Return the notes of looks at nodes.

        Args:
            looks: by the id of a node's record, how often and when last (Unix seconds).
            instead: ids of the notes that these sum up.
        """
        entries = list(looks.items())
        parts = [entries[i : i + _LOOKS_IN_MESSAGE] for i in range(0, len(entries), _LOOKS_IN_MESSAGE)] or [[]]
        contents: list[dict[str, Any]] = [{"looks": {id: list(look) for id, look in part}} for part in parts]
        if instead:
            contents[0]["instead"] = list(instead)
        return [self._note(content, None) for content in contents]

    def _note(
        self, content: dict[str, Any], claim: ExtractedFact | None, text: str = "", said_at: datetime | None = None
    ) -> Note:
        id, at = uuid4().hex, self._now()
        place = {"user_id": self._user_id, "session_id": self._session_id}
        words = claim.evidence if claim is not None and not text else text
        said = {"id": id, "role": ROLE, "name": None, "text": words, "at": to_text(at), "metadata": {KEY: content}}
        message = {"type": "message", **place, **said}
        if claim is None:
            return Note(id, (message,))
        statement = Statement(
            id=derived_id("statement", self._user_id, self._session_id, id),
            session_id=self._session_id,
            message_id=id,
            at=said_at or at,
            order=0,
            subject=claim.subject,
            predicate=claim.predicate,
            object=claim.object,
            status=claim.status,
            confidence=claim.confidence,
            evidence=claim.evidence,
            verb=claim.verb,
        )
        fact = {"type": "fact", "user_id": self._user_id, "statements": [statement_record(statement)]}
        return Note(id, (message, fact))

    def _now(self) -> datetime:
        """Return the present; later than what it returned before, so that times keep the order of what is written."""
        self._last = max(utc_now(), self._last + timedelta(microseconds=1))
        return self._last


def session_of(user_id: str) -> str:
    """Return the session that a user's graph is kept in."""
    return f"memlayer-{derived_id('memlayer', user_id)}"


def _is_open(task: Mapping[str, Any]) -> bool:
    return task.get("status") in _OPEN_STATUSES

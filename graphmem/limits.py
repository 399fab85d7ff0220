"""What a memory takes at most: every limit is a setting with a name, and an error or a warning that it causes says that name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from graphmem import arguments
from graphmem.errors import ConfigError

_SECONDS = ("cypher_seconds", "close_seconds")
_MAY_BE_NONE = ("session_messages",)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a `graphmem.MemLayer` takes at most, as in ``MemLayerConfig(limits=Limits(message_chars=5_000_000))``.

    What is above the first four is refused with `graphmem.errors.LimitExceeded`, and nothing of it is stored.

    Args:
        message_chars: characters of one message.
        interaction_messages: messages that one call of ``store`` brings.
        metadata_bytes: the metadata of one message, in bytes of JSON.
        session_messages: messages of one session, those that were forgotten included; None for any number. An import is not
            held to it.
        message_facts: facts read from one message. Of more the surest are kept, and a warning is logged.
        name_chars: characters of the name of an entity. What is said of one with a longer name is left out, and a warning is
            logged; a longer alias is left out.
        evidence_chars: characters of the words that a fact keeps as its evidence; of more the beginning is kept.
        in_hand: interactions that this process holds while they wait for their facts, those apart that a caller of ``store``
            waits for. Further ones wait in the store alone, until there is room or another process takes them.
        attempts: how often an interaction is tried until it is set aside.
        close_seconds: how long closing waits for what is being read; then it is handed back to the store, for whoever is next.
        cypher_rows: rows that a Cypher query gives, unless its ``limit`` says otherwise; the rest is left out.
        cypher_seconds: how long a Cypher query may take, unless its ``timeout`` says otherwise.
        projected_messages: messages that ``cypher(scope="all")`` reads on a store that runs no Cypher itself.

    Raises:
        ConfigError: a limit is no number that it can be; named as in ``limits.message_chars``.
    """

    message_chars: int = 1_000_000
    interaction_messages: int = 10_000
    metadata_bytes: int = 65_536
    session_messages: int | None = None
    message_facts: int = 200
    name_chars: int = 200
    evidence_chars: int = 2_000
    in_hand: int = 64
    attempts: int = 5
    close_seconds: float = 5.0
    cypher_rows: int = 1_000
    cypher_seconds: float = 5.0
    projected_messages: int = 200_000

    def __post_init__(self) -> None:
        for name, value in ((f.name, getattr(self, f.name)) for f in fields(self)):
            if value is None and name in _MAY_BE_NONE:
                continue
            if name in _SECONDS:
                arguments.seconds(f"limits.{name}", value)
            else:
                arguments.whole(f"limits.{name}", value, 1)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Limits:
        """Read limits from the variables GRAPHMEM_LIMIT_MESSAGE_CHARS, GRAPHMEM_LIMIT_IN_HAND and so on; the rest is as usual.

        Args:
            environ: the variables.

        Raises:
            ConfigError: a variable is no number that the limit can be.
        """
        given: dict[str, float] = {}
        for name in (field.name for field in fields(cls)):
            variable = f"GRAPHMEM_LIMIT_{name.upper()}"
            if text := environ.get(variable):
                try:
                    given[name] = float(text) if name in _SECONDS else int(text)
                except ValueError:
                    raise ConfigError(variable, text, "a number") from None
        return cls(**given)  # type: ignore[arg-type]  # each number is of its field's kind

"""Which facts a caller asks for: by status, relation, ends and the moment at which they held."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from extraction.catalogue import Catalogue
from extraction.names import normalize_name
from extraction.records import USER_LABEL
from graphmem.clock import parse_at
from graphmem.edtf import first_moment, held_at
from graphmem.errors import ConfigError
from graphmem.records import Entity, Fact, FactStatus

_YEAR_OR_MONTH = re.compile(r"(?!0000)\d{4}(-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True)
class FactFilter:
    """What a fact must be to pass; None asks for nothing.

    Args:
        status: its status.
        predicate: its relation, in capitals.
        subject: a name, alias or id of its subject ("user" for the user).
        about: a name, alias or id of either end.
        moment: when it must have held.
    """

    status: FactStatus | None = None
    predicate: str | None = None
    subject: str | None = None
    about: str | None = None
    moment: datetime | None = None

    def lets_pass(self, fact: Fact, catalogue: Catalogue) -> bool:
        """Whether a fact is asked for; ``catalogue`` tells which relations are timeless."""
        return (
            (self.status is None or fact.status is self.status)
            and (self.predicate is None or fact.predicate == self.predicate)
            and (self.subject is None or _is_called(fact.subject, self.subject))
            and (self.about is None or any(_is_called(end, self.about) for end in (fact.subject, fact.object)))
            and (self.moment is None or held_at(fact, self.moment, timeless=catalogue.get(fact.predicate).timeless))
        )


def parse_status(status: FactStatus | str | None) -> FactStatus | None:
    """Return a status as callers give it.

    Raises:
        ConfigError: there is none of that name.
    """
    try:
        return None if status is None else FactStatus(status)
    except ValueError:
        raise ConfigError("status", status, f"one of {', '.join(FactStatus)}, or None for all") from None


def parse_moment(as_of: datetime | str) -> datetime:
    """Return a moment as callers give it: a datetime, an ISO 8601 text, or a year or month, which stands for its beginning.

    Raises:
        InvalidInteraction: it is none of these.
    """
    if isinstance(as_of, str) and _YEAR_OR_MONTH.fullmatch(as_of.strip()):
        return first_moment(as_of.strip())
    return parse_at(as_of, "as_of")


def _is_called(entity: Entity, name: str) -> bool:
    key = normalize_name(name)
    names = {normalize_name(n) for n in (entity.name, *entity.aliases)}
    return name == entity.id or key in names or (entity.label == USER_LABEL and key == "user")

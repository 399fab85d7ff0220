"""What the stage of mentions finds in a sentence: entities at their places, and relations told in passing."""

from __future__ import annotations

from dataclasses import dataclass, field

from extraction.local.entities import Entity


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity at its place in a sentence.

    Args:
        start, end: first token and the token after the last.
        entity: who or what is meant.
        kind: "speaker", "relative", "name", "newcomer" (a name nobody has introduced) or "pronoun".
    """

    start: int
    end: int
    entity: Entity
    kind: str


@dataclass(frozen=True, slots=True)
class Link:
    """A relation that a phrase tells ("my sister Ana").

    Args:
        owner, predicate, entity: the relation.
        start, end: tokens of the phrase.
        past: whether it is over ("my ex-wife").
        kind: the kind of a named animal ("dog"), else None.
        place: the tokens of the relation word.
        negated: "no brothers".
        stated: told with "have" or "is" and not in passing.
    """

    owner: Entity
    predicate: str
    entity: Entity
    start: int
    end: int
    past: bool = False
    kind: str | None = None
    place: tuple[int, int] | None = None
    negated: bool = False
    stated: bool = False


@dataclass(slots=True)
class Mentions:
    """What was found in one sentence, in the order of the text.

    Args:
        items: the mentions.
        links: the relations told in passing.
        renamed: entities that got their name here, with the tokens of the name.
    """

    items: list[Mention] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    renamed: list[tuple[Entity, int, int]] = field(default_factory=list)

    def ending_at(self, token: int) -> Mention | None:
        """Return the longest mention that ends right before the token."""
        found = [m for m in self.items if m.end == token]
        return min(found, key=lambda m: m.start) if found else None

    def is_relative(self, span: tuple[int, int]) -> bool:
        """Whether the tokens are among the words for a relative: in "I love my brother" nothing is liked."""
        return any(m.kind == "relative" and m.start < span[1] and span[0] < m.end for m in self.items)

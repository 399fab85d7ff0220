"""Cutting a long conversation into parts that one request each can read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extraction.records import EntityMention, ExtractedFact, ExtractionContext, Turn

MAX_CHARACTERS = 16_000
"""Longest text of one request's turns: a model that is shown more overlooks more, and its answer is cut off."""
MAX_TURNS = 60
_BREAKS = ("\n\n", "\n", ". ", "! ", "? ", " ")


@dataclass(frozen=True, slots=True)
class Batch:
    """Turns of one request, and which of the turns that were given each of them is, or is a piece of."""

    turns: tuple[Turn, ...]
    places: tuple[int, ...]


def batches_of(turns: Sequence[Turn], most: int = MAX_CHARACTERS, most_turns: int = MAX_TURNS) -> list[Batch]:
    """Return the batches of ``turns`` in their order; those in which no user says anything are left out.

    Args:
        turns: what is to be read.
        most: how many characters of text a batch has at most; a longer turn is cut where a paragraph, a sentence or a word ends.
        most_turns: how many turns it has at most.
    """
    batches: list[list[tuple[int, Turn]]] = [[]]
    size = 0
    for place, turn in enumerate(turns):
        for piece in _pieces(turn.text, most):
            if batches[-1] and (size + len(piece) > most or len(batches[-1]) >= most_turns):
                batches.append([])
                size = 0
            batches[-1].append((place, turn if piece == turn.text else replace(turn, text=piece)))
            size += len(piece)
    return [
        Batch(tuple(turn for _, turn in batch), tuple(place for place, _ in batch))
        for batch in batches
        if any(turn.role == "user" and turn.text.strip() for _, turn in batch)
    ]


def context_of(
    batch: Batch, turns: Sequence[Turn], context: ExtractionContext, found: Sequence[EntityMention]
) -> ExtractionContext:
    """Return what a batch's turns are read with: what came before them, and what was found in it.

    Args:
        batch: the batch.
        turns: all turns, of which it is a part.
        context: what came before all of them.
        found: the entities of the batches before, which come first among the known ones.
    """
    before = (*context.history, *turns[: batch.places[0]])
    known = dict.fromkeys(entity for entity in (*reversed(found), *context.known) if entity.label != "User")
    return replace(context, history=tuple(before), known=tuple(known))


def in_place(facts: Sequence[ExtractedFact], batch: Batch) -> tuple[ExtractedFact, ...]:
    """Return the facts of a batch with the numbers of the turns that were given."""
    return tuple(replace(fact, turn=batch.places[fact.turn]) for fact in facts)


def _pieces(text: str, most: int) -> Iterator[str]:
    while len(text) > most:
        end = next((cut + len(b) for b in _BREAKS if (cut := text.rfind(b, most // 2, most - len(b) + 1)) >= 0), most)
        yield text[:end]
        text = text[end:]
    yield text

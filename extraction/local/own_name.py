"""The speaker's own name: told in passing ("Hana here."), and what is told under it: after "I'm Emre", Emre is the speaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from extraction.kinship import TIES
from extraction.local import lexicon
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity, Registry
from extraction.misspelling import is_word
from extraction.names import normalize_name
from extraction.records import FactStatus

_ENDS = frozenset({",", ".", "!", "-", "—", ":)", "again", "with"})
_LATEST, _SHORTEST_UNKNOWN = 4, 5
_SURE, _RATHER_SURE = 0.9, 0.75
_NO_OWNER = "name 's|is {HAS_NAME}"
"""The wording that does not say whose name it tells."""
_SELDOM_NAMESAKES = frozenset(("HAS_COLLEAGUE", "HAS_FRIEND", "HAS_PARENT"))


def here(reading: Reading, builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    """Yield the name that a sentence gives at its head: "Kia ora, Hana here."

    Args:
        reading: the sentence.
        builder: makes the candidate.
        speaker: whose name it is.
    """
    sentence = reading.sentence
    norms = sentence.norms
    at = next((i for i in range(1, min(len(norms), _LATEST + 1)) if norms[i] == "here"), None)
    if at is None or norms[-1] == "?" or (at + 1 < len(norms) and norms[at + 1] not in _ENDS):
        return
    name = norms[at - 1]
    if not sentence.tokens[at - 1].capital or not (at == 1 or norms[at - 2] in (",", "!", "-")):
        return
    known = name in lexicon.given_names()
    if known or (len(name) >= _SHORTEST_UNKNOWN and not is_word(name)):
        span = (at - 1, at)
        sure = _SURE if known else _RATHER_SURE
        yield builder.stated(reading, speaker, "HAS_NAME", span, FactStatus.CURRENT, span, sure)


def of_newcomers(candidates: Sequence[Candidate], registry: Registry, speaker: Entity) -> Iterator[Candidate]:
    """Yield the candidates of a turn; a name of which it is not said whose it is belongs to who was told of just before without one:
    "got a goat. name's Bruce", "my brother is a vet, name's Tom".

    Args:
        candidates: in the order in which they were read.
        registry: gets to know the name.
        speaker: whose name it is when nobody else was told of.
    """
    ties = [c for c in candidates if c.predicate in TIES and c.subject is speaker]
    others = {normalize_name(c.object.name) for c in ties}
    newcomer: Candidate | None = None
    for candidate in candidates:
        if candidate.source == _NO_OWNER and normalize_name(candidate.object.name) in others:
            continue
        if candidate.predicate in TIES and candidate.subject is speaker and candidate.object.unnamed:
            newcomer = candidate
        elif candidate.source == _NO_OWNER and candidate.subject is speaker and newcomer is not None:
            kind = newcomer.object.name
            registry.rename(newcomer.object, candidate.object.name)
            if newcomer.predicate == "HAS_PET":
                yield replace(candidate, subject=newcomer.object, predicate="IS_A", object=Entity(kind, "Kind"))
            newcomer = None
            continue
        yield candidate


def taken_for_speaker(candidates: Sequence[Candidate], speaker: Entity) -> Iterator[Candidate]:
    """Yield the candidates of a turn, with the speaker in the place of whoever has the name that the speaker gives.

    Somebody of the same name who is introduced as another one (a daughter named after her mother) stays who that is; but that
    a parent, friend or colleague has the speaker's name is not believed without a wording that says so.

    Args:
        candidates: of the turn.
        speaker: who says "I".
    """
    given = [
        c for c in candidates if c.predicate == "HAS_NAME" and c.subject is speaker and c.status is FactStatus.CURRENT
    ]
    names = {normalize_name(name) for c in given for name in (c.object.name, c.object.name.split()[0])}
    surest = max((c.confidence for c in given), default=0.0)
    believed = [
        c
        for c in candidates
        if c.predicate not in _SELDOM_NAMESAKES
        or c.source
        or c.object.label != "Person"
        or normalize_name(c.object.name) not in names
        or c.confidence >= surest
    ]
    others = {id(c.object) for c in believed if c.object.label == "Person" and c.predicate != "HAS_NAME"}
    for candidate in believed:
        subject = candidate.subject
        own = subject.label == "Person" and normalize_name(subject.name) in names and id(subject) not in others
        yield replace(candidate, subject=speaker) if own and subject is not speaker else candidate

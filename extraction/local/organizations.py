""" "Our choir, the Larkfield Singers, is in Leeds": what the speaker belongs to, and where that is."""

from __future__ import annotations

from collections.abc import Iterator

from extraction.local import lexicon, objects
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.gate import Mood
from extraction.local.naming import CALLED, text_of
from extraction.local.tokens import Sentence, Span
from extraction.records import FactStatus

_FILLERS = frozenset("new old local small little big first own whole family tiny".split())
_SITS = frozenset("is 's sits lies stands".split())
_ADVERBS = frozenset("based located over up down out right now just currently situated".split())
_LINKS = frozenset("of the and & de la du for in".split())
_GROUPS = frozenset(
    "choir band orchestra church club congregation trio quartet ensemble troupe guild gurdwara mosque "
    "synagogue temple society association".split()
)
_SURE_NAMED, _SURE_GROUP, _SURE_PLACE = 0.88, 0.75, 0.88


def candidates(reading: Reading, builder: Builder, speaker: Entity) -> Iterator[Candidate]:
    """Yield what "my" and "our" tell of organisations.

    Args:
        reading: the sentence.
        builder: makes the objects.
        speaker: whose they are.
    """
    sentence = reading.sentence
    norms = sentence.norms
    for i, word in enumerate(norms):
        if word in ("my", "our", "the") and reading.moods[i] < Mood.ASKED:
            head = _head(sentence, i + 1)
            if head is not None:
                yield from _told(reading, builder, speaker, i, head)


def _head(sentence: Sentence, i: int) -> int | None:
    """Return the token of the noun ("choir") of the phrase that begins at ``i``, if it names an organisation."""
    norms = sentence.norms
    for j in range(i, min(i + 4, len(norms))):
        if not norms[j].isalpha() and "-" not in norms[j]:
            return None
        following = norms[j + 1] if j + 1 < len(norms) else "."
        if norms[j] in _NOT_OWN:
            return None
        if norms[j] in lexicon.organizations() and following not in lexicon.organizations():
            return j if following not in _NOT_FOLLOWED else None
        if norms[j] in lexicon.finite_verbs() or norms[j] in lexicon.kin_words():
            return None
    return None


_NOT_OWN = frozenset("favourite favorite fave dream ideal previous former ex last next".split())
_NOT_FOLLOWED = frozenset(
    "member members mate mates 's website year night meeting leader manager policy car work trip fees project "
    "blog page name uniform friend friends party".split()
)


def _told(reading: Reading, builder: Builder, speaker: Entity, start: int, head: int) -> Iterator[Candidate]:
    sentence = reading.sentence
    norms = sentence.norms
    predicate = lexicon.organizations()[norms[head]]
    first = start + 1
    while first < head and norms[first] in _FILLERS:
        first += 1
    name, end = _name_after(sentence, head + 1)
    span = name or (first, head + 1)
    own = norms[start] != "the"
    if own and predicate != "LOCATED_IN" and (name is not None or norms[head] in _GROUPS):
        sure = _SURE_NAMED if name is not None else _SURE_GROUP
        yield builder.stated(reading, speaker, predicate, span, FactStatus.CURRENT, (start, end), sure)
    place = _place_after(sentence, end)
    if place is not None and reading.moods[end] is Mood.STATED and (own or name is not None):
        subject = Entity(text_of(sentence, *span), "Organization")
        yield builder.stated(reading, subject, "LOCATED_IN", place, FactStatus.CURRENT, (start, place[1]), _SURE_PLACE)


def _name_after(sentence: Sentence, i: int) -> tuple[Span | None, int]:
    """Read "the Larkfield Singers" in ", the Larkfield Singers," or "called Moth Tax"."""
    tokens, norms = sentence.tokens, sentence.norms
    k = i
    told = norms[k : k + 1] and (norms[k] in CALLED or norms[k : k + 2] in (("is", "called"), ("'s", "called")))
    apart = norms[k : k + 1] in ((",",), (":",), ("(",))
    if told:
        k += 1 if norms[k] in CALLED else 2
    elif apart:
        k += 1
    if norms[k : k + 1] == ("the",):
        k += 1
    j = k
    while (
        j < len(tokens)
        and j - k < 6
        and (
            tokens[j].capital
            or (
                j > k
                and (norms[j] in _LINKS or norms[j] == "'s" or tokens[j].text == "&")
                and j + 1 < len(tokens)
                and tokens[j + 1].capital
            )
        )
    ):
        j += 1
    if (
        j == k
        or (apart and j < len(norms) and norms[j] not in (",", ".", ")", "!", ";", "?", "-", "—"))
        or norms[k] in ("i", "we")
    ):
        return None, i
    return (k, j), j + (apart and j < len(norms) and norms[j] in (",", ")"))


def _place_after(sentence: Sentence, i: int) -> Span | None:
    norms = sentence.norms
    if i >= len(norms) or norms[i] not in _SITS:
        return None
    i += 1
    while i < len(norms) and norms[i] in _ADVERBS:
        i += 1
    if i >= len(norms) or norms[i] not in ("in", "near"):
        return None
    spans, _ = objects.read(sentence, i + 1, "place")
    return spans[0] if spans else None

"""Whom a model's proposal is about: its subject among the mentions of the text, and the names that proposals tell."""

from __future__ import annotations

import re
from collections.abc import Iterable

from extraction.kinship import TIES
from extraction.local import lexicon
from extraction.local.build import Reading
from extraction.local.entities import Entity, Registry
from extraction.local.function_words import AUXILIARIES, EMPTY, PREPOSITIONS
from extraction.local.mentions import Mention
from extraction.local.placing import Text, tokens_of
from extraction.local.proposals import Proposal
from extraction.local.tokens import Sentence, Span

_OWN = frozenset({"my", "our"})
_DETERMINERS = frozenset("the a an this that lil little old new my our".split())
_BEFORE_NAME = frozenset({",", "(", "-", "—", "called", "named", "is", "'s", ":"})
_NO_SUBJECT_AFTER = frozenset("of with for from like than about to by without including and or".split())
_CLAUSE_ENDS = frozenset(". , ; : ! ? ( ) - — and but so because that i we my our me us".split())
_ENDS = frozenset({".", ";", "!", "?", ":"})
_CONTRACTED = frozenset({"'m", "'ve", "'s", "'d", "'ll", "who"})
_PRONOUNS = frozenset({"he", "she", "they"})
_NAME_SURE = 0.5
_THEIRS = frozenset({"his", "her", "their"})
_SELF = frozenset("i i'm im i've i'd i'll we we're we've me my us our mine ours you your".split())
_THIRD_PERSON = frozenset(
    "has owns plays works lives likes loves hates speaks studies uses drives keeps runs teaches stays remains".split()
)
_LED = _THIRD_PERSON | {"had", "'s", "is", "was", "got"}
_LEAD = 6
"""Words before an object among which its verb stands."""


def somebody_elses(norms: tuple[str, ...], i: int) -> bool:
    """Whether the clause before token ``i`` is about "he" or "she": "He speaks no English" is not said of the speaker.

    Args:
        norms: the sentence's words.
        i: where the object begins.
    """
    if i > 1 and norms[i - 1] == ",":
        i = _named_before(norms, i - 1)
    for word in reversed(norms[max(0, i - 5) : i]):
        if word in ("he", "she"):
            return True
        if word in _CLAUSE_ENDS:
            return False
    return False


def is_anothers_relation(norms: tuple[str, ...], i: int) -> bool:
    """Whether a name stands beside what he, she or they call somebody: "his fiancée Anahit", "their boss, Mia".

    Args:
        norms: the sentence's words.
        i: where the name begins.
    """
    before = norms[max(0, i - 4) : i]
    for word in reversed(before):
        if word in _THEIRS:
            return "name" not in before
        if word in _CLAUSE_ENDS and word != ",":
            return False
    return False


def is_said_of_somebody(reading: Reading, i: int, speaker: Entity) -> bool:
    """Whether the words up to token ``i`` are about somebody who is named or has a verb in the third person, and the speaker is not
    among them: "Ailsa over the road has a donkey called Hector".

    Args:
        reading: the sentence.
        i: where the object begins.
        speaker: who says "I".
    """
    norms = reading.sentence.norms
    if not _SELF.isdisjoint(norms[:i]):
        return False
    first = next((m for m in reading.mentions.items if m.start == 0), None)
    named = first is not None and first.entity is not speaker and first.entity.label == "Person" and first.end <= i
    led = norms[first.end : i] if first is not None and named else norms[max(1, i - _LEAD) : i]
    return any(word in (_LED if named else _THIRD_PERSON) for word in led)


def _named_before(norms: tuple[str, ...], comma: int) -> int:
    """Return where the clause stands whose last noun is named behind the comma: "he has a dog too, Pickles"."""
    i = comma
    while i > 0 and norms[i - 1] in ("too", "also", "now", "already", "as", "well"):
        i -= 1
    return i if i > 0 and norms[i - 1] in lexicon.animals() else comma + 1


def subject_of(
    proposal: Proposal, reading: Reading, span: Span, text: Text, registry: Registry, speaker: Entity
) -> Entity | None:
    """Return whom a proposal is about; None when nobody can be made out.

    Args:
        proposal: the proposal.
        reading: the sentence of its object.
        span: the object's tokens.
        text: all sentences.
        registry: the conversation's entities.
        speaker: who says "I".
    """
    beside = _apposed(reading, span) if proposal.predicate in _BESIDE_NAMES else None
    if beside is not None:
        return beside.entity
    if proposal.subject is None:
        return speaker
    nearer = _told_of(reading, span) or _subject_between(proposal.subject, reading, span)
    if nearer is not None and proposal.predicate not in ("IS_A", "LOCATED_IN"):
        return nearer.entity
    readings = text.over(proposal.subject)
    for found in readings:
        for mention in sorted(found.mentions.items, key=lambda m: m.end - m.start):
            start, end = found.sentence.span(mention.start, mention.end)
            if start < proposal.subject[1] and proposal.subject[0] < end:
                return mention.entity
    for found in readings:
        words = tokens_of(found, proposal.subject) if found.sentence.start <= proposal.subject[0] else None
        if words is not None:
            return _unmentioned(found, words, proposal.predicate, registry, speaker)
    return None


_BESIDE_NAMES = frozenset({"WORKS_AS", "HAS_AGE"})


def _apposed(reading: Reading, span: Span) -> Mention | None:
    """Return beside whose name an occupation or an age stands: "Kjartan, a fisherman", "Ms Cole (art therapist"."""
    norms = reading.sentence.norms
    i = span[0] - (span[0] > 0 and norms[span[0] - 1] in ("a", "an"))
    if i < 2 or norms[i - 1] not in (",", "("):
        return None
    mention = reading.mentions.ending_at(i - 1)
    if (
        mention is None
        or mention.kind in ("speaker", "pronoun")
        or mention.entity.plural
        or mention.entity.label != "Person"
    ):
        return None
    before = norms[max(0, mention.start - 2) : mention.start]
    return None if {"i", "me", "name", "'m", "am"}.intersection(before) else mention


def _subject_between(subject: tuple[int, int], reading: Reading, span: Span) -> Mention | None:
    """Return the subject of the object's own clause when it stands after the words that a model took for the subject."""
    norms = reading.sentence.norms
    for mention in sorted(reading.mentions.items, key=lambda m: -m.start):
        if mention.end > span[0]:
            continue
        if reading.sentence.tokens[mention.start].start < subject[1] or mention.kind == "speaker":
            return None
        between = norms[mention.end : span[0]]
        if mention.start > 0 and norms[mention.start - 1] in _NO_SUBJECT_AFTER:
            return None
        if any(n in _ENDS or n in _PRONOUNS for n in between) or not between:
            return None
        return mention if _is_finite(between[0]) else None
    return None


def _told_of(reading: Reading, span: Span) -> Mention | None:
    """Return whose relative clause an object stands in: "Pip, who's twelve"."""
    norms = reading.sentence.norms
    for i in range(span[0] - 1, max(-1, span[0] - 7), -1):
        if norms[i] == "who":
            mention = reading.mentions.ending_at(i) or (
                reading.mentions.ending_at(i - 1) if i and norms[i - 1] == "," else None
            )
            return mention if mention is not None and mention.kind != "speaker" else None
        if norms[i] in _CLAUSE_ENDS or norms[i] in _PRONOUNS:
            return None
    return None


def clause_subject(reading: Reading, i: int) -> Entity | None:
    """Return the subject of the clause in which token ``i`` stands, when the nearest mention before it is one.

    Args:
        reading: the sentence.
        i: where an object begins.
    """
    norms = reading.sentence.norms
    before = [mention for mention in reading.mentions.items if mention.end <= i]
    nearest = max(before, key=lambda m: m.start, default=None)
    return nearest.entity if nearest is not None and _is_finite(norms[nearest.end]) else None


def _is_finite(word: str) -> bool:
    return word in lexicon.finite_verbs() or word in lexicon.words("adverbs") or word in _CONTRACTED


def _unmentioned(reading: Reading, words: Span, predicate: str, registry: Registry, speaker: Entity) -> Entity | None:
    """Return the entity of words that no mention covers: "my roomie", "the flat", a name in lower case."""
    sentence = reading.sentence
    start, end = words
    own = start > 0 and sentence.norms[start - 1] in _OWN
    while start < end - 1 and sentence.norms[start] in _DETERMINERS:
        own = own or sentence.norms[start] in _OWN
        start += 1
    text = " ".join(t.text for t in sentence.tokens[start:end])
    if predicate == "LOCATED_IN":
        return registry.known_name(text) or registry.named(text, "Organization")
    if sentence.norms[start] in _PRONOUNS:
        return None
    if sentence.tokens[start].capital:
        return registry.named(text, "Person")
    known = registry.known_name(text)
    if known is not None:
        return known
    head = sentence.norms[end - 1]
    if not _can_be_somebody(sentence.norms[start:end]):
        return None
    for mention in reading.mentions.items:
        if mention.kind == "relative" and mention.entity.unnamed and _follows(sentence, mention.end, start):
            registry.rename(mention.entity, text)
            return mention.entity
    if head in lexicon.kin_words() and not lexicon.kin_words()[head][2]:
        return registry.relative(speaker, lexicon.kin_words()[head][1])
    return (
        registry.relative(speaker, text)
        if own or end - start > 1 or head in _WITHOUT_NAME
        else registry.named(text, "Person")
    )


_WITHOUT_NAME = frozenset(
    "roomie roommate flatmate housemate neighbour neighbor landlord landlady crush coach teacher hubs missus mrs cuz "
    "bestie tutor trainer therapist dentist nanny sitter lodger tenant twins parents folks in-laws grandparents kids".split()
)


def _can_be_somebody(norms: tuple[str, ...]) -> bool:
    return all(
        n.replace("'", "").replace("-", "").isalpha() and n not in EMPTY | PREPOSITIONS | AUXILIARIES for n in norms
    )


def _follows(sentence: Sentence, end: int, start: int) -> bool:
    """Whether a name that begins at ``start`` belongs to what ends at ``end``: "my son theo", "my bestie (dami)"."""
    return start == end or (start == end + 1 and sentence.norms[end] in _BEFORE_NAME)


def introduce(proposals: Iterable[Proposal], text: str, registry: Registry) -> None:
    """Make known whom proposals name, so that "she" in the next sentence can mean somebody whose name is on no list.

    Args:
        proposals: a model's, for one turn.
        text: the turn.
        registry: the conversation's entities.
    """
    for proposal in proposals:
        if proposal.confidence < _NAME_SURE:
            continue
        if proposal.predicate in TIES:
            label = "Animal" if proposal.predicate == "HAS_PET" else "Person"
            _introduce(text[proposal.object_start : proposal.object_end], label, registry)
        if proposal.subject is not None and proposal.predicate in _BY_PERSONS:
            _introduce(text[slice(*proposal.subject)], "Person", registry)


def _introduce(name: str, label: str, registry: Registry) -> None:
    words = name.split()
    told = 0 < len(words) < 4 and all(_NAME.fullmatch(word) and word.lower() not in _NO_NAMES for word in words)
    common = any(word.lower() in lexicon.kin_words() or word.lower() in lexicon.animals() for word in words)
    if told and not common and registry.known_name(name) is None:
        registry.named(name, label)


_NAME = re.compile(r"[^\W\d_][\w'’.-]*")
_NO_NAMES = frozenset("i he she they we you it his her their my our the a an who".split()) | AUXILIARIES | PREPOSITIONS
_BY_PERSONS = frozenset(
    "WORKS_AS WORKS_AT STUDIES STUDIES_AT SPEAKS MARRIED_TO HAS_CHILD HAS_SIBLING HAS_PARENT".split()
)


def kinship(reading: Reading, span: Span) -> str | None:
    """Return what the relation word says whose name a span is: HAS_SIBLING for "Anneke" in "my twin, Anneke".

    Args:
        reading: the sentence.
        span: the name's tokens.
    """
    norms = reading.sentence.norms
    for mention in reading.mentions.items:
        if mention.kind != "relative" or mention.entity.plural or mention.start > span[0]:
            continue
        inside = mention.start < span[0] < mention.end
        if inside or _follows(reading.sentence, mention.end, span[0]):
            if "law" in norms[mention.start : span[0]]:
                return "HAS_RELATIVE"
            heads = [n for n in norms[mention.start : span[0]] if n in lexicon.kin_words()]
            return lexicon.kin_words()[heads[-1]][0] if heads else None
    return None


def is_hired(reading: Reading, span: Span) -> bool:
    """Whether a name is that of somebody whose services one uses: "my dentist Ken" is no colleague."""
    noun = reading.sentence.norms[span[0] - 1] if span[0] > 1 else ""
    own = reading.sentence.norms[max(0, span[0] - 3) : span[0] - 1]
    return noun in lexicon.words("jobs") | _HIRED and noun not in lexicon.kin_words() and bool(_OWN.intersection(own))


_HIRED = frozenset(
    "coach instructor accountant dentist doctor therapist landlord landlady teacher tutor trainer sponsor gp".split()
)


def adopt_names(proposals: Iterable[Proposal], text: Text, registry: Registry) -> None:
    """Give unnamed relatives the names that proposals tell: in "my son theo" nothing but a model sees that theo is one.

    Args:
        proposals: a model's.
        text: the sentences.
        registry: the conversation's entities.
    """
    for proposal in proposals:
        if proposal.predicate not in TIES or proposal.confidence < _NAME_SURE:
            continue
        for reading in text.over((proposal.object_start, proposal.object_start + 1)):
            span = tokens_of(reading, (proposal.object_start, proposal.object_end))
            if span is None or not _can_be_somebody(reading.sentence.norms[span[0] : span[1]]):
                continue
            words = reading.sentence.norms[span[0] : span[1]]
            if words[-1] in lexicon.kin_words() or words[-1] in lexicon.animals():
                continue
            for mention in reading.mentions.items:
                unnamed = mention.kind == "relative" and mention.entity.unnamed and not mention.entity.plural
                told = unnamed and _follows(reading.sentence, mention.end, span[0])
                if told and (_role(reading, mention) == "HAS_PET") == (proposal.predicate == "HAS_PET"):
                    registry.rename(mention.entity, " ".join(t.text for t in reading.sentence.tokens[slice(*span)]))


def _role(reading: Reading, mention: Mention) -> str | None:
    word = reading.sentence.norms[mention.end - 1]
    if word in lexicon.animals():
        return "HAS_PET"
    return lexicon.kin_words()[word][0] if word in lexicon.kin_words() else None

""" "Eva and I got married", "my girlfriend broke up with me": what two people tell of themselves as a couple."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extraction.kinship import COUPLE, role_of
from extraction.local import lexicon
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.function_words import MONTHS, SEASONS
from extraction.local.gate import Mood
from extraction.local.mentions import Mention
from extraction.local.naming import read_name
from extraction.records import FactStatus


@dataclass(frozen=True, slots=True)
class _Turning:
    """Words that begin or end a couple.

    Args:
        words: as they stand in the text.
        predicate: what it is where nothing else tells it.
        ends: whether it is over.
    """

    words: tuple[str, ...]
    predicate: str
    ends: bool


_TURNINGS = (
    _Turning(("broke", "up"), "PARTNER_OF", True),
    _Turning(("broken", "up"), "PARTNER_OF", True),
    _Turning(("split", "up"), "PARTNER_OF", True),
    _Turning(("split",), "PARTNER_OF", True),
    _Turning(("broke", "it", "off"), "PARTNER_OF", True),
    _Turning(("called", "it", "quits"), "PARTNER_OF", True),
    _Turning(("parted", "ways"), "PARTNER_OF", True),
    _Turning(("finished",), "PARTNER_OF", True),
    _Turning(("are", "done"), "PARTNER_OF", True),
    _Turning(("dumped",), "PARTNER_OF", True),
    _Turning(("left",), "PARTNER_OF", True),
    _Turning(("divorced",), "MARRIED_TO", True),
    _Turning(("a", "divorce"), "MARRIED_TO", True),
    _Turning(("separated",), "MARRIED_TO", True),
    _Turning(("married",), "MARRIED_TO", False),
    _Turning(("tied", "the", "knot"), "MARRIED_TO", False),
    _Turning(("engaged",), "PARTNER_OF", False),
    _Turning(("dating",), "PARTNER_OF", False),
)
_BY_WORD = {t.words[0]: tuple(u for u in _TURNINGS if u.words[0] == t.words[0]) for t in _TURNINGS}
_HELPERS = frozenset("been got have has had 've 's are 're were both started get".split())
_MORE = frozenset("the a an my our that this his her their it some wood bills costs".split())
_HARDLY = frozenset("almost nearly never not practically".split())
_OF_ANYTHING = frozenset({"finished", "done"})
"""What two people may also be with something else: "Ana and I finished the fence"."""
_DIRECT = frozenset({"left", "dumped", "divorced"})
_CLOSING = frozenset(". ! , ; ( - — last after because and but when this yesterday two three years months ago".split())
_SURE = 0.88


def reread(
    reading: Reading, made: list[Candidate], told: list[Candidate], builder: Builder, speaker: Entity
) -> list[Candidate]:
    """Return the candidates of a sentence, those about the speaker's couple as the whole sentence has them.

    Args:
        reading: the sentence.
        made: what was read from it so far.
        told: what was read before it, oldest first.
        builder: makes the facts.
        speaker: who says "I".
    """
    for i in range(len(reading.sentence)):
        turning = _turning(reading, i)
        if turning is None:
            continue
        end = i + len(turning.words)
        mention = _other(reading, i, end, builder, speaker, ends=turning.ends)
        if mention is None:
            if _is_of_things(reading, i, end):
                return [c for c in made if not (c.ends_all and c.predicate == "PARTNER_OF")]
            if _left_by_somebody(reading, i, end):
                made = [*made, builder.ending_all(reading, speaker, turning.predicate, (i, end), (i, end), _SURE)]
            continue
        predicate = _predicate(reading, mention.entity, turning, told, speaker)
        if predicate is None:
            return [c for c in made if not (c.ends_all and c.predicate in COUPLE and c.subject is speaker)]
        return [
            *_without(made, speaker, mention.entity),
            _fact(reading, mention, predicate, turning, (i, end), builder, speaker),
        ]
    return made


def _turning(reading: Reading, i: int) -> _Turning | None:
    norms = reading.sentence.norms
    if reading.moods[i] is not Mood.STATED:
        return None
    turning = next((t for t in _BY_WORD.get(norms[i], ()) if norms[i : i + len(t.words)] == t.words), None)
    if turning is not None and turning.words[-1] in _OF_ANYTHING and not _closes(norms, i + len(turning.words)):
        return None
    return turning


def _other(reading: Reading, i: int, end: int, builder: Builder, speaker: Entity, *, ends: bool) -> Mention | None:
    """Return who makes the couple with the speaker, None when the words are of something else."""
    norms = reading.sentence.norms
    j = i
    while j > 0 and (norms[j - 1] in _HELPERS or norms[j - 1] in lexicon.words("adverbs")):
        j -= 1
    if (j < i and norms[j] == "get") or norms[i - 2 : i] == ("had", "been") or _HARDLY & set(norms[j:i]):
        return None
    following = norms[end : end + 1]
    subject = reading.mentions.ending_at(j)
    if norms[j - 2 : j] in (("and", "i"), ("and", "me")):
        return _person(_named(reading, j - 2, builder), speaker) if following[:1] not in _singles(_MORE) else None
    subject = subject or (_named(reading, j, builder) if "and" in norms[max(0, j - 3) : j] else None)
    if subject is None:
        return None
    if subject.start > 1 and norms[subject.start - 2 : subject.start] in (("i", "and"), ("me", "and")):
        return _person(subject, speaker) if following[:1] not in _singles(_MORE) else None
    if not ends:
        return None
    if subject.entity is speaker:
        return _after(reading, i, end, speaker)
    directly = norms[i] in _DIRECT
    to_me = following == ("me",) if directly else norms[end : end + 2] in (("with", "me"), ("from", "me"))
    closed = _closes(norms, end + 1)
    return _person(subject, speaker) if to_me and (closed or not directly) else None


def _is_of_things(reading: Reading, i: int, end: int) -> bool:
    """ "We broke up the fight", "my team and I split up": no couple is meant."""
    norms = reading.sentence.norms
    return norms[end - 1] == "up" and (norms[end : end + 1] in _singles(_MORE) or norms[i - 2 : i] == ("and", "i"))


def _closes(norms: tuple[str, ...], i: int) -> bool:
    """Whether nothing but a time or a reason follows: "my wife left me a note" and "I left my husband at home" end nothing."""
    following = norms[i : i + 2]
    if following[:1] == ("in",):
        return following[1:] != () and (following[1].isdigit() or following[1] in MONTHS | SEASONS)
    return not following or following[0] in _CLOSING


def _left_by_somebody(reading: Reading, i: int, end: int) -> bool:
    """ "She broke up with me", whoever she is."""
    norms = reading.sentence.norms
    before = norms[i - 1] if i > 0 else ""
    return (
        norms[i:end] == ("broke", "up") and norms[end : end + 2] == ("with", "me") and before in ("he", "she", "just")
    )


def _named(reading: Reading, end: int, builder: Builder) -> Mention | None:
    """Return who is named right before a token, also somebody whom nobody has introduced ("Inga and I")."""
    known = reading.mentions.ending_at(end)
    if known is not None:
        return known
    tokens = reading.sentence.tokens
    first = next((k for k in range(max(0, end - 2), end) if read_name(tokens, k) == end), None)
    return None if first is None else Mention(first, end, builder.person(reading.sentence, (first, end)), "newcomer")


def _singles(words: frozenset[str]) -> frozenset[tuple[str]]:
    return frozenset((word,) for word in words)


def _after(reading: Reading, i: int, end: int, speaker: Entity) -> Mention | None:
    """ "(I broke up) with my boyfriend Tim", "(I divorced) my husband"."""
    norms = reading.sentence.norms
    start = end + 1 if norms[end : end + 1] in (("with",), ("from",)) else end
    if start == end and norms[i] not in _DIRECT:
        return None
    found = [m for m in reading.mentions.items if m.start == start]
    other = _person(max(found, key=lambda m: m.end), speaker) if found else None
    return other if other is None or start > end or _closes(norms, other.end) else None


def _person(mention: Mention | None, speaker: Entity) -> Mention | None:
    if mention is None or mention.entity is speaker or mention.entity.label != "Person" or mention.entity.plural:
        return None
    return mention


def _predicate(
    reading: Reading, other: Entity, turning: _Turning, told: list[Candidate], speaker: Entity
) -> str | None:
    """Return what the two are or were to each other; None when they are no couple ("my sister and I split up")."""
    known = relations(reading, other, told, speaker)
    if known & {"HAS_SIBLING", "HAS_PARENT", "HAS_CHILD", "HAS_RELATIVE", "HAS_PET", "HAS_COLLEAGUE"}:
        return None
    if not turning.ends:
        return turning.predicate
    if turning.words[0] in ("left", "split", "called", "parted") and len(turning.words) < 2 and not known & COUPLE:
        return None
    if "MARRIED_TO" in known or turning.predicate == "MARRIED_TO":
        return "MARRIED_TO"
    return turning.predicate


def relations(reading: Reading, other: Entity, told: Sequence[Candidate], speaker: Entity) -> set[str]:
    """Return what is known of how the other stands to the speaker: by what was told before, and by how the other is called.

    Args:
        reading: the sentence that names the other.
        other: a person.
        told: what was read before.
        speaker: who says "I".
    """
    known = {link.predicate for link in reading.mentions.links if link.entity is other and link.owner is speaker}
    known |= {c.predicate for c in told if c.object is other and c.subject is speaker}
    return known | {role.predicate for role in map(role_of, (*other.aliases, other.name)) if role is not None}


def _without(made: list[Candidate], speaker: Entity, other: Entity) -> list[Candidate]:
    """Drop what was read of the couple without knowing that it is one."""
    pair = (speaker, other)

    def of_couple(c: Candidate) -> bool:
        return c.predicate in COUPLE and c.subject in pair and (c.ends_all or c.object in pair)

    return [c for c in made if not of_couple(c)]


def _fact(
    reading: Reading,
    mention: Mention,
    predicate: str,
    turning: _Turning,
    words: tuple[int, int],
    builder: Builder,
    speaker: Entity,
) -> Candidate:
    around = (min(mention.start, words[0]), max(mention.end, words[1]))
    if turning.ends and mention.entity.unnamed:
        return builder.ending_all(reading, speaker, predicate, words, around, _SURE)
    span = (mention.start, mention.end)
    status = FactStatus.ENDED if turning.ends else FactStatus.CURRENT
    made = builder.stated(reading, speaker, predicate, span, status, around, _SURE)
    return replace(made, object=mention.entity, told="event")

""" "I meant Osaka, not Tokyo": which fact is taken back and which one stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from rapidfuzz.fuzz import ratio

from extraction.local import objects
from extraction.local.build import Builder, Reading
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity
from extraction.local.numbers import number
from extraction.local.tokens import Span
from extraction.names import normalize_name
from extraction.records import FactStatus

_ARTICLES = frozenset("a an in at the to on as from".split())
_SCRATCH = (
    ("scratch", "that"),
    ("strike", "that"),
    ("no", "wait"),
    ("wait", "no"),
    ("i", "mean"),
    ("i", "meant"),
    ("correction",),
    ("ignore", "that"),
    ("forget", "that"),
    ("my", "mistake"),
    ("my", "bad"),
)
_NOT_SO = (
    ("just", "kidding"),
    ("only", "kidding"),
    ("kidding", "!"),
    ("jk",),
    ("i", "lied"),
    ("was", "kidding"),
    ("was", "joking"),
    ("just", "joking"),
    ("was", "lying"),
    ("was", "a", "joke"),
    ("was", "a", "lie"),
    ("not", "true"),
    ("scratch", "that"),
    ("strike", "that"),
    ("ignore", "that"),
    ("forget", "that"),
    ("my", "mistake"),
)


def _by_word(phrases: tuple[tuple[str, ...], ...]) -> dict[str, tuple[tuple[str, ...], ...]]:
    return {first: tuple(p for p in phrases if p[0] == first) for first, *_ in phrases}


_REVOKING = _by_word((*_SCRATCH, *_NOT_SO))
_DENYING = _by_word(_NOT_SO)
_SORRY = frozenset(
    "sorry oops ooops aiya ah oh wait no well ugh wrong correction , . ! - — actually i mean meant ehm um er".split()
)
_NEWEST = 4
"""How many of the facts told last may be spelt anew."""
_PLAN = "PLANS_TO"
_ALIKE, _SAME = 75.0, 100.0
"""How alike (Indel similarity in percent, https://rapidfuzz.github.io/RapidFuzz/) a name and its other spelling are at least."""
_SET_RIGHT = "set right"
"""Source of what a correction says."""
_SURE = 0.85
_LOOK_BACK = 200


def may_be_in(text: str) -> bool:
    """Whether a text may set something right that was told before it, so that all that was told has to be known."""
    return _MAY_CORRECT.search(text) is not None


_MAY_CORRECT = re.compile(
    r"\bnot (?-i:[A-Z])|\b(?:i mean|i meant|it'?s)\b.{1,60}\b(?:not|two|double|with an?)\b", re.IGNORECASE
)


def in_sentence(
    reading: Reading, made: list[Candidate], earlier: tuple[list[Candidate], ...], builder: Builder
) -> Iterator[Candidate]:
    """Yield what a "not ..." beside a fact takes back, and what "I meant X, not Y" sets right.

    Args:
        reading: the sentence.
        made: the facts read from it.
        earlier: facts of the turns before and of the sentences before, each oldest first.
        builder: makes the objects.
    """
    sentence = reading.sentence
    norms = sentence.norms
    for candidate in made:
        if candidate.status is not FactStatus.CURRENT:
            continue
        if candidate.told == "link":
            yield from _other_name(reading, candidate, builder)
            continue
        wrong = _denied_after(reading, _token_after(reading, candidate))
        if wrong is not None and not any(c.place == sentence.span(*wrong) for c in made):
            yield builder.stated(
                reading,
                candidate.subject,
                candidate.predicate,
                wrong,
                FactStatus.RETRACTED,
                (candidate.tokens[0], wrong[1]),
                candidate.confidence * 0.9,
            )
    for i in range(len(norms)):
        right = _meant(reading, i)
        if right is None:
            continue
        wrong = _denied_after(reading, right[1])
        set_right = list(
            _spelt(reading, i, right, earlier, builder)
            if wrong is None
            else _set_right(reading, i, right, wrong, earlier, builder)
        )
        if set_right:
            yield from set_right
            return
    bare = _bare(reading)
    if bare is not None:
        yield from _set_right(reading, 0, *bare, earlier, builder)


def _set_right(
    reading: Reading,
    start: int,
    right: Span,
    wrong: Span,
    earlier: tuple[list[Candidate], ...],
    builder: Builder,
) -> Iterator[Candidate]:
    """Yield what stands and what falls of the facts that were told with the wrong words."""
    around = (start, max(right[1], wrong[1]))
    words = builder.words(reading.sentence, wrong)
    spoken_of = _spoken_of(earlier, words)
    for known in spoken_of:
        stands = builder.stated(reading, known.subject, known.predicate, right, FactStatus.CURRENT, around, _SURE)
        falls = builder.stated(reading, known.subject, known.predicate, wrong, FactStatus.RETRACTED, around, _SURE)
        yield from _corrected(known, stands, falls)
        yield from _of_renamed(known, stands, earlier)
    plan = None if spoken_of else _plan_with(earlier, words)
    if plan is not None:
        said = builder.stated(reading, plan.subject, _PLAN, right, FactStatus.CURRENT, around, _SURE)
        other = Entity(_word(words).sub(lambda _: said.object.name, plan.object.name), plan.object.label)
        falls = replace(said, object=plan.object, status=FactStatus.RETRACTED, confidence=round(_SURE * 0.9, 3))
        yield from _corrected(plan, replace(said, object=other), falls)


def _plan_with(earlier: tuple[list[Candidate], ...], words: str) -> Candidate | None:
    """Return the newest plan that was told with some words among others: "move to Tartu for the exchange"."""
    said = _word(words)
    plans = (c for c in _newest_first(earlier) if c.predicate == _PLAN and c.status is FactStatus.CURRENT)
    return next((plan for plan in plans if said.search(plan.object.name)), None)


def _word(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)


def _corrected(known: Candidate, stands: Candidate, falls: Candidate) -> Iterator[Candidate]:
    _hand_over(falls.object, stands.object)
    yield replace(
        stands,
        source=_SET_RIGHT,
        replaces=known.replaces or known.predicate == "LIVES_IN",
        valid_from=known.valid_from,
        valid_to=known.valid_to,
    )
    yield replace(falls, source=_SET_RIGHT)


def _of_renamed(known: Candidate, stands: Candidate, earlier: tuple[list[Candidate], ...]) -> Iterator[Candidate]:
    """Yield what was told of somebody with the wrong name, of the right one: "Mist is a puppy", of Moss."""
    if known.object.label not in ("Person", "Animal"):
        return
    wrong = normalize_name(known.object.name)
    for part in earlier:
        for told in part[-_LOOK_BACK:]:
            same = normalize_name(told.subject.name) == wrong
            if same and told.status is FactStatus.CURRENT and told.predicate != "HAS_NAME":
                anew = replace(
                    told,
                    place=stands.place,
                    evidence=stands.evidence,
                    sentence=stands.sentence,
                    tokens=stands.tokens,
                    source=_SET_RIGHT,
                )
                yield replace(anew, subject=stands.object)
                yield replace(anew, status=FactStatus.RETRACTED)


def _spelt(
    reading: Reading, start: int, right: Span, earlier: tuple[list[Candidate], ...], builder: Builder
) -> Iterator[Candidate]:
    """Yield what stands and what falls where a name is spelt anew: "It's Killa, two L", of Kila."""
    name = builder.words(reading.sentence, right)
    if not reading.sentence.tokens[right[0]].capital:
        return
    for known in _newest_named(earlier):
        likeness = ratio(normalize_name(known.object.name), normalize_name(name))
        if known.object.name[:1].isupper() and _ALIKE <= likeness < _SAME:
            stands = builder.stated(
                reading, known.subject, known.predicate, right, FactStatus.CURRENT, (start, right[1]), _SURE
            )
            falls = replace(stands, object=known.object, status=FactStatus.RETRACTED, confidence=round(_SURE * 0.9, 3))
            yield from _corrected(known, stands, falls)
            yield from _of_renamed(known, stands, earlier)
            return


def _newest_named(earlier: tuple[list[Candidate], ...]) -> Iterator[Candidate]:
    """Yield the last current facts, the newest first."""
    for part in reversed(earlier):
        yield from (c for c in part[: -_NEWEST - 1 : -1] if c.status is FactStatus.CURRENT)


def settled(candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates without what was read otherwise from words that set something right."""
    places = {(c.sentence, c.place) for c in candidates if c.source == _SET_RIGHT}
    return [c for c in candidates if c.source == _SET_RIGHT or (c.sentence, c.place) not in places]


def _bare(reading: Reading) -> tuple[Span, Span] | None:
    """Read X and Y in "Sorry, X, not Y" and "Oops, not Y, X", where nothing else is said before; None when that is not said."""
    sentence = reading.sentence
    norms, tokens = sentence.norms, sentence.tokens
    i = 0
    while i < len(norms) and norms[i] in _SORRY:
        i += 1
    if i >= len(norms):
        return None
    if norms[i] == "not" and i + 1 < len(norms) and tokens[i + 1].capital:
        wrong = _named(reading, i + 1)
        if wrong is None or norms[wrong[1] : wrong[1] + 1] != (",",):
            return None
        right = _named(reading, wrong[1] + 1)
        return None if right is None else (right, wrong)
    right = _named(reading, i)
    wrong = None if right is None else _denied_after(reading, _behind_meaning(norms, right[1]))
    return None if right is None or wrong is None or not tokens[wrong[0]].capital else (right, wrong)


def _behind_meaning(norms: tuple[str, ...], i: int) -> int:
    """Return the token behind "I meant", where it stands at ``i``: "Kyushu University i meant, not Kyushu Sangyo"."""
    return i + 2 if norms[i : i + 2] in (("i", "meant"), ("i", "mean")) else i


def _named(reading: Reading, i: int) -> Span | None:
    if i >= len(reading.sentence) or not reading.sentence.tokens[i].capital:
        return None
    spans, _ = objects.read(reading.sentence, i, "any", frozenset({"not"}))
    return spans[0] if spans else None


def _other_name(reading: Reading, candidate: Candidate, builder: Builder) -> Iterator[Candidate]:
    """ "My sister's name is Anna, not Ana": the relation to Ana never was."""
    if candidate.predicate == "IS_A" or candidate.object.unnamed or candidate.object.label not in ("Person", "Animal"):
        return
    wrong = _denied_after(reading, candidate.tokens[1])
    if wrong is None or not reading.sentence.tokens[wrong[0]].capital:
        return
    made = builder.stated(
        reading,
        candidate.subject,
        candidate.predicate,
        wrong,
        FactStatus.RETRACTED,
        (candidate.tokens[0], wrong[1]),
        candidate.confidence * 0.9,
    )
    _hand_over(made.object, candidate.object)
    yield made


def _hand_over(wrong: Entity, right: Entity) -> None:
    """ "my sister" means the one with the right name from now on."""
    if wrong.label in ("Person", "Animal") and wrong is not right:
        for alias in wrong.aliases:
            right.add_alias(alias)
        wrong.aliases.clear()


def denied_before(candidates: list[Candidate], told: list[Candidate], readings: list[Reading]) -> Iterator[Candidate]:
    """Yield the candidates of a turn; what "just kidding" or "that's not true" revokes of what was told before is retracted.

    Args:
        candidates: in the order of the text.
        told: facts of the turns before, oldest first.
        readings: the turn's sentences.
    """
    places = _places(readings, _DENYING)
    for candidate in candidates:
        name = normalize_name(candidate.object.name)
        before = _newest(told, candidate) if places and min(places) < candidate.place[0] else None
        if before is None:
            yield candidate
        elif candidate.status is FactStatus.NEGATED:
            same = normalize_name(before.object.name) == name
            yield replace(candidate, status=FactStatus.RETRACTED) if same else candidate
        else:
            yield candidate
            if candidate.status is FactStatus.CURRENT and normalize_name(before.object.name) != name:
                yield replace(
                    candidate,
                    object=before.object,
                    status=FactStatus.RETRACTED,
                    confidence=round(candidate.confidence * 0.9, 3),
                    replaces=False,
                )


def _places(readings: list[Reading], phrases: dict[str, tuple[tuple[str, ...], ...]]) -> list[int]:
    """Return where one of the phrases begins, as characters of the text."""
    return [
        reading.sentence.tokens[i].start
        for reading in readings
        for i, word in enumerate(reading.sentence.norms)
        if any(reading.sentence.norms[i : i + len(phrase)] == phrase for phrase in phrases.get(word, ()))
    ]


def _newest(told: list[Candidate], candidate: Candidate) -> Candidate | None:
    """Return the newest current fact of the same subject and predicate."""
    if candidate.told == "link":
        return None
    for known in told[: -_LOOK_BACK - 1 : -1]:
        if known.subject is candidate.subject and known.predicate == candidate.predicate:
            return known if known.status is FactStatus.CURRENT else None
    return None


def taken_back(candidates: list[Candidate], readings: list[Reading]) -> list[Candidate]:
    """Return the candidates of a turn; what "scratch that" or "no wait" revokes is retracted.

    Args:
        candidates: in the order of the text.
        readings: the turn's sentences.
    """
    revoked = _places(readings, _REVOKING)
    if not revoked:
        return candidates
    same: dict[tuple[int, str], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        same[id(candidate.subject), candidate.predicate].append(candidate)
    result = []
    for candidate in candidates:
        later = [
            c
            for c in same[id(candidate.subject), candidate.predicate][:_LOOK_BACK]
            if c.place > candidate.place
            and normalize_name(c.object.name) != normalize_name(candidate.object.name)
            and c.status is FactStatus.CURRENT
            and bisect_left(revoked, candidate.place[1]) < bisect_right(revoked, c.place[0])
        ]
        replaced = later and candidate.status is FactStatus.CURRENT
        result.append(replace(candidate, status=FactStatus.RETRACTED) if replaced else candidate)
    return result


def _token_after(reading: Reading, candidate: Candidate) -> int:
    tokens = reading.sentence.tokens
    return next((i for i, t in enumerate(tokens) if t.start >= candidate.place[1]), len(tokens))


def _denied_after(reading: Reading, i: int) -> Span | None:
    """Read "Tokyo" in ", not Tokyo"; None when no such thing follows."""
    sentence = reading.sentence
    norms = sentence.norms
    if i < len(norms) and norms[i] in (",", "-", "—", ";"):
        i += 1
    if i + 1 >= len(norms) or norms[i] != "not":
        return None
    i += 1
    while i < len(norms) and norms[i] in _ARTICLES:
        i += 1
    if i >= len(norms) or norms[i] in (
        "that",
        "because",
        "sure",
        "so",
        "just",
        "anymore",
        "any",
        "yet",
        "really",
        "very",
        "like",
        "much",
    ):
        return None
    spans, _ = objects.read(sentence, i, "any")
    if spans or i >= len(norms):
        return spans[0] if spans else None
    return (i, i + 1) if number(norms[i]) is not None else None


def _meant(reading: Reading, i: int) -> Span | None:
    """Read X in "I meant X", "it's X", "make that X" at token ``i``."""
    sentence = reading.sentence
    norms = sentence.norms
    for phrase in (
        ("i", "meant"),
        ("i", "mean"),
        ("it", "'s"),
        ("it", "is"),
        ("that", "'s"),
        ("make", "that"),
        ("make", "it"),
        ("name", "is"),
        ("name", "'s"),
        ("is", "called"),
        ("'s", "called"),
    ):
        if norms[i : i + 2] == phrase:
            start = i + 2
            while start < len(norms) and norms[start] in _ARTICLES:
                start += 1
            if start >= len(norms):
                return None
            if number(norms[start]) is not None:
                return start, start + 1
            spans, _ = objects.read(sentence, start, "any", frozenset({"not"}))
            return spans[0] if spans else None
    return None


def _spoken_of(earlier: tuple[list[Candidate], ...], words: str) -> list[Candidate]:
    """Return the newest facts whose object was called so, one of each subject and predicate."""
    key = normalize_name(words)
    found: dict[tuple[int, str], Candidate] = {}
    for candidate in _newest_first(earlier):
        if normalize_name(candidate.object.name) == key and candidate.status is FactStatus.CURRENT:
            found.setdefault((id(candidate.subject), candidate.predicate), candidate)
    return list(found.values())


def _newest_first(earlier: tuple[list[Candidate], ...]) -> Iterator[Candidate]:
    return (candidate for part in reversed(earlier) for candidate in part[: -_LOOK_BACK - 1 : -1])

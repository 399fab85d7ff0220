"""Where an object begins and ends: noun phrases, lists of them, places, jobs, verb phrases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from extraction.local import lexicon
from extraction.local.tokens import Sentence

Span = tuple[int, int]

_HARD = frozenset(
    {
        ".",
        ";",
        ":",
        "!",
        "?",
        "(",
        ")",
        "-",
        "—",
        "–",
        "…",
        "...",
        '"',
        "/",
        "[",
        "]",
        "{",
        "}",
        "|",
        "=",
        "*",
        "<",
        ">",
        "->",
        "=>",
    }
)
_CONJ = frozenset({"and", "or", ",", "plus", "nor"})
_CLAUSE = frozenset(
    "who which that where when while because since so but if although though whereas until till unless than however whenever before after once except besides hence yet whose "
    "i we he she they you it he's she's there please thanks what how why".split()
)
_DETERMINERS = frozenset("a an the my our his her their some any this these those your its another both either".split())
_DEGREES = (
    ("a", "bit", "of"), ("a", "lot", "of"), ("lots", "of"), ("a", "little", "bit", "of"), ("a", "little"), ("a", "word", "of"), ("tons", "of"), ("kind", "of"), ("sort", "of"),
    ("all", "kinds", "of"), ("a", "couple", "of"), ("a", "type", "of"), ("plenty", "of"), ("a", "few", "words", "of"), ("a", "pair", "of"), ("all", "things"), ("the", "smell", "of"),
    ("a", "member", "of"), ("as", "a"), ("much",), ("any", "kind", "of"), ("any", "form", "of"), ("anything", "with"), ("all", "sorts", "of"),
)  # fmt: skip
_TRAILING = frozenset(
    "too btw lol lmao haha hehe though tbh imo now still yet anymore again today yesterday tonight tomorrow currently recently lately already always forever ever these days nowadays here there "
    "please thanks much really very so well anyway actually as to at in on with for from by and or , also just even only together since mostly every daily weekly right ok xd rn originally myself himself herself "
    "instead altogether basically honestly obviously sadly finally soon someday eventually once twice more any".split()
)
_TIME_WORDS = frozenset(
    "yesterday today tomorrow tonight now currently lately recently soon someday ago last next every anymore forever always again already nowadays these since these".split()
)
_ODD = frozenset(
    "it this that them they those him her you me us myself yourself himself herself one ones something anything everything nothing what how here there stuff things thing someone everyone people anyone "
    "everybody nobody somebody same lot bit so very not no more most less much many few all both each either neither mine yours ours theirs as if when where who which whom whose too never ever just".split()
)
_PREPOSITIONS = frozenset(
    "in at on with for from by to as into near during over under about via through around within between behind across toward towards after before than like per off out up down against among outside inside without despite".split()
)
_AUX = frozenset(
    "am is are was were be been being have has had do does did will would can could should may might must 'd not".split()
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How an object of a kind is delimited.

    Args:
        stops: prepositions that end it.
        many: whether it may be a list.
        check: whether a span is fit to be one; takes the sentence and the span.
        longest: how many words it has at most.
    """

    stops: frozenset[str]
    many: bool = True
    check: Callable[[Sentence, Span], bool] | None = None
    longest: int = 6
    verbs: bool = False


def is_place(sentence: Sentence, span: Span) -> bool:
    """Whether the words can name a place: capitals, a place of the list, or unknown words in a text without capitals."""
    norms = sentence.norms[span[0] : span[1]]
    if not norms[0][0].isalpha() or number(norms[0]) is not None or norms[0] in _ODD | _PREPOSITIONS:
        return False
    if " ".join(norms) in lexicon.words("places") or any(n in lexicon.words("places") for n in norms):
        return True
    if any(n in _NOT_PLACES for n in norms):
        return False
    if any(t.capital for t in sentence.tokens[span[0] : span[1]]):
        return True
    return not any(t.capital for t in sentence.tokens[1:]) and len(norms) <= 3 and norms[0] not in _ODD


_NOT_PLACES = frozenset(
    "fear peace hope denial flat house apartment room home place world past city town village country hell bed hospital love car van cave bubble area neighborhood neighbourhood moment future "
    "need trouble charge debt pain middle way shape touch line general order basement building suburb suburbs countryside dorm dorms halls parents person life job same desk couch bathroom kitchen meeting "
    "traffic class school college office work management sales marketing finance education tech it insurance retail hospitality healthcare construction logistics banking".split()
)


def is_named_place(sentence: Sentence, span: Span) -> bool:
    """Whether the words surely name a place: written with a capital or on the list of places."""
    norms = sentence.norms[span[0] : span[1]]
    if " ".join(norms) in lexicon.words("places"):
        return True
    if (
        norms[0] in lexicon.words("languages")
        or norms[-1] in _GROUPS
        or norms[0] in _MONTHS | _SEASONS | _DAYS
        or norms[0] in lexicon.given_names()
    ):
        return False
    return sentence.tokens[span[0]].capital and not any(n in _NOT_PLACES for n in norms) and span[0] > 0


def is_gazetted(sentence: Sentence, span: Span) -> bool:
    """Whether the words are on the list of places."""
    return " ".join(sentence.norms[span[0] : span[1]]) in lexicon.words("places")


_GROUPS = frozenset(
    "anonymous club party union cross choir team band league society council church army navy police ltd inc gmbh ag co university school college hospital".split()
)


def is_company(sentence: Sentence, span: Span) -> bool:
    """Whether the words name an employer with a capital, and no person."""
    first = sentence.tokens[span[0]]
    return first.capital and is_organization(sentence, span) and first.norm not in lexicon.given_names()


def is_organization(sentence: Sentence, span: Span) -> bool:
    """Whether the words can name an employer: no time, no language, no end in itself ("for a living")."""
    norms = sentence.norms[span[0] : span[1]]
    if not is_thing(sentence, span) or number(norms[0]) is not None or norms[0] in lexicon.words("languages"):
        return False
    return norms[-1] not in _NO_ORGANIZATIONS and norms[0] not in _NO_ORGANIZATIONS


_NO_ORGANIZATIONS = frozenset(
    "living years year months weeks days hours long while love fun free money now good home night nights work least first last once times time day week month heart peace life age ages life leave bit end start "
    "moment side weekend weekends minimum cash sure example instance ever eternity nowhere somewhere anywhere lunch dinner breakfast pay change people everyone everybody clients kids children job jobs position role interview exam".split()
)


def is_school(sentence: Sentence, span: Span) -> bool:
    """Whether the words can name a school: a capital, or a word such as "university"."""
    norms = sentence.norms[span[0] : span[1]]
    if not is_organization(sentence, span) or norms[-1] in ("library", "home", "desk", "table", "moment"):
        return False
    return (
        any(t.capital for t in sentence.tokens[span[0] : span[1]])
        or any(n in _SCHOOLS for n in norms)
        or not any(t.capital for t in sentence.tokens)
    )


_SCHOOLS = frozenset(
    "university uni college school academy institute seminary conservatory conservatoire polytechnic lycée gymnasium kindergarten preschool nursery campus faculty tafe eth mit".split()
)


def is_job(sentence: Sentence, span: Span) -> bool:
    """Whether the phrase's head is an occupation."""
    return job_head(sentence.norms[span[0] : span[1]]) is not None


def job_head(norms: tuple[str, ...]) -> str | None:
    """Return the head word when a phrase names an occupation ("head of archives", "senior nurse"), else None."""
    head = norms
    for i, word in enumerate(norms):
        if i and word in ("of", "at", "for", "in", "with", "on", "by"):
            head = norms[:i]
            break
    if not head:
        return None
    last = head[-1]
    if last in lexicon.words("jobs") or last.rpartition("-")[2] in lexicon.words("jobs"):
        return last
    if last == "head" and len(norms) > len(head):
        return last
    singular = last[:-1] if last.endswith("s") else last
    return singular if singular in lexicon.words("jobs") and singular != last else None


def is_language(sentence: Sentence, span: Span) -> bool:
    """Whether one of the words is a language."""
    return any(n in lexicon.words("languages") for n in sentence.norms[span[0] : span[1]])


def is_thing(sentence: Sentence, span: Span) -> bool:
    """Whether the phrase says something: no bare pronoun, no clause."""
    norms = sentence.norms[span[0] : span[1]]
    return (
        norms[0] not in _ODD | _PREPOSITIONS and norms[-1] not in _PREPOSITIONS and any(c.isalpha() for c in norms[0])
    )


def is_owned(sentence: Sentence, span: Span) -> bool:
    """Whether the words name a thing that people own."""
    norms = sentence.norms[span[0] : span[1]]
    return norms[-1] in lexicon.words("possessions") or "-".join(norms[-2:]) in lexicon.words("possessions")


def is_person_name(sentence: Sentence, span: Span) -> bool:
    """Whether the words can be a personal name."""
    words = sentence.tokens[span[0] : span[1]]
    return all(w.text[0].isalpha() and (w.capital or w.norm in lexicon.given_names()) for w in words) and words[
        0
    ].norm not in _ODD | lexicon.words("nationalities")


def is_condition(sentence: Sentence, span: Span) -> bool:
    """Whether the phrase names a health condition."""
    return condition_head(sentence.norms[span[0] : span[1]])


def condition_head(norms: tuple[str, ...]) -> bool:
    """Whether one of the words is a health condition or its adjective."""
    conditions = lexicon.words("conditions") | lexicon.words("condition_adjectives")
    return any(n in conditions for n in norms) or " ".join(norms[-2:]) in _CONDITION_PHRASES


_CONDITION_PHRASES = frozenset(
    {
        "blood pressure",
        "hay fever",
        "heart murmur",
        "lactose intolerant",
        "gluten intolerant",
        "sleep apnea",
        "bad back",
        "bad knee",
        "bad knees",
        "slipped disc",
        "heart condition",
        "back pain",
        "panic attacks",
        "type 1",
        "type 2",
        "one kidney",
    }
)


_WORDS = frozenset
KINDS: dict[str, Kind] = {
    "place": Kind(_WORDS("in at on with for to as near and since from by about around".split()), many=False, check=is_place, longest=4),
    "places": Kind(_WORDS("in at on with for to as near since from by about".split()), check=is_place, longest=4),
    "org": Kind(_WORDS("as in on since with to from by near over about during for called".split()), many=False, check=is_organization),
    "company": Kind(_WORDS("as in on since with to from by near over about during for called".split()), many=False, check=is_company),
    "school": Kind(_WORDS("in as on since with to from by near over about during doing studying for called".split()), many=False, check=is_school),
    "namedplace": Kind(_WORDS("in at on with for to as near and since from by about around".split()), many=False, check=is_named_place, longest=4),
    "knownplace": Kind(_WORDS("in at on with for to as near and since from by about around".split()), many=False, check=is_gazetted, longest=4),
    "job": Kind(_WORDS("at for in with on by since from to near about over during as".split()), many=False, check=is_thing, longest=5),
    "knownjob": Kind(_WORDS("at for in with on by since from to near about over during as".split()), many=True, check=is_job, longest=5),
    "np": Kind(_WORDS("at in for on with as from since to over by near about during into".split()), check=is_thing),
    "thing": Kind(_WORDS("at in for on as from since to over by near about during into and".split()), check=is_thing),
    "act": Kind(_WORDS("over at for since because during as from by when".split()), check=is_thing, verbs=True),
    "lang": Kind(_WORDS("at in for on with as from since to over by about during well fluently natively".split()), check=is_language, longest=3),
    "cond": Kind(_WORDS("at for on with as from since to over by near about during when and in".split()), check=is_thing, longest=5),
    "knowncond": Kind(_WORDS("at for on with as from since to over by near about during when in".split()), check=is_condition, longest=5),
    "name": Kind(_WORDS("at in for on with as from since to by and or".split()), many=False, check=is_person_name, longest=3),
    "person": Kind(_WORDS("at in for on with as from since to by and or".split()), many=False, check=is_person_name, longest=3),
    "owned": Kind(_WORDS("at in for on with as from since to over by near about during into and".split()), many=False, check=is_owned, longest=3),
    "group": Kind(_WORDS("as on since with to from by over about during at for".split()), many=False, check=is_thing, longest=8),
    "topic": Kind(_WORDS("at in for on as from since to over by near about during with online part-time".split()), check=is_thing, longest=5),
    "any": Kind(_WORDS("at in for on with as from since to over by near about during into".split()), many=False, check=is_thing, longest=6),
    "being": Kind(_WORDS("at for with on by since from to near about over during as in".split()), many=True, longest=6),
    "having": Kind(_WORDS("at for on by since from to near about over during as in with".split()), many=True, longest=6),
}  # fmt: skip


def phrase_start(sentence: Sentence, i: int) -> int:
    """Return the token after the articles, possessives and quantities that may open a noun phrase at ``i``."""
    norms = sentence.norms
    moved = True
    while moved and i < len(norms):
        moved = False
        for degree in _DEGREES:
            if norms[i : i + len(degree)] == degree and i + len(degree) < len(norms):
                i, moved = i + len(degree), True
        if i < len(norms) and norms[i] in _DETERMINERS:
            i, moved = i + 1, True
    return i


def read(sentence: Sentence, i: int, kind: str, stop: frozenset[str] = frozenset()) -> tuple[list[Span], int]:
    """Read the object, or the list of objects, that starts at token ``i``.

    Args:
        sentence: the sentence.
        i: first token.
        kind: one of ``KINDS``, "verb phrase", "age" or "date".
        stop: words at which it ends in any case (the words of a frame that follow).

    Returns:
        The spans, cut to the words that count, and the token after the whole.
    """
    if kind == "vp":
        return _verb_phrase(sentence, i, stop)
    if kind == "age":
        return _age(sentence, i)
    if kind == "date":
        return _date(sentence, i)
    rules = KINDS[kind]
    spans: list[Span] = []
    j = i
    joined = False
    commas = 0
    while True:
        start = phrase_start(sentence, j)
        if kind in _PLACE_KINDS and start > j and not _takes_article(sentence, j, start):
            break
        end = _phrase_end(sentence, start, rules, stop)
        span = _trim(sentence, start, end)
        if kind in _PLACE_KINDS and span[0] < span[1]:
            span = _place_words(sentence, span)
            end = span[1]
        elif (
            kind in ("org", "group", "school")
            and end + 1 < len(sentence)
            and sentence.norms[end] in ("called", "named")
        ):
            span, end = _called(sentence, span, end)
        good = span[0] < span[1] and (rules.check is None or rules.check(sentence, span))
        if not good or (spans and _is_clause(sentence, span, end)):
            break
        spans.append(span)
        j = end
        k = j
        seen_and = False
        while k < len(sentence) and sentence.norms[k] in _CONJ:
            seen_and = seen_and or sentence.norms[k] != ","
            k += 1
        if k == j or k >= len(sentence) or not rules.many or not _may_open(sentence, k, rules):
            break
        if not seen_and:
            commas += 1
        joined = joined or seen_and
        if sentence.norms[k - 1] in stop or sentence.norms[j] in stop:
            break
        j = k
        if len(spans) >= 12:
            break
    if commas and not joined and len(spans) > 1:
        short = kind == "lang" and all(b - a <= 3 for a, b in spans)
        ended = j >= len(sentence) or sentence.norms[j] in _HARD
        if not (short and ended):
            spans, j = spans[:1], spans[0][1]
    return spans, j


def _takes_article(sentence: Sentence, i: int, start: int) -> bool:
    """ "the Netherlands" is a place, "the Red Cross" and "a farm" are none."""
    return sentence.norms[i:start] == ("the",) and start < len(sentence) and sentence.norms[start] in _WITH_ARTICLE


_WITH_ARTICLE = frozenset(
    "netherlands uk us usa states united philippines bahamas hague bronx gambia emirates uae czech midlands highlands islands dominican maldives congo sudan ukraine north south east west algarve azores bay".split()
)
_PLACE_KINDS = frozenset({"place", "places", "namedplace", "knownplace"})
_PLACE_LINKS = frozenset("de la of the del upon am al el le les do da dos das und y e sur am d' di san".split())


def _place_words(sentence: Sentence, span: Span) -> Span:
    """Cut what follows a place's capitals: "Patagonia six times" is Patagonia."""
    tokens = sentence.tokens
    start, end = span
    if not tokens[start].capital:
        return span
    j = start + 1
    while j < end and (tokens[j].capital or tokens[j].text[0].isdigit() is False and tokens[j].norm in _PLACE_LINKS):
        j += 1
    while j > start + 1 and tokens[j - 1].norm in _PLACE_LINKS:
        j -= 1
    return start, j


def _called(sentence: Sentence, span: Span, end: int) -> tuple[Span, int]:
    """ "a bakery called Levain & Co" is named by what follows."""
    tokens = sentence.tokens
    first = last = end + 1
    while last < len(tokens) and (
        tokens[last].capital or tokens[last].text in ("&", "of", "the", "and") and last > first
    ):
        last += 1
    while last > first and tokens[last - 1].norm in ("and", "of", "the"):
        last -= 1
    if last == first and not any(t.capital for t in tokens[1:]):
        while (
            last < len(tokens)
            and last - first < 4
            and tokens[last].norm not in _HARD | _CLAUSE | _PREPOSITIONS | {",", "as"}
        ):
            last += 1
    return ((first, last), last) if last > first else (span, end)


def _may_open(sentence: Sentence, k: int, rules: Kind) -> bool:
    word = sentence.norms[k]
    following = sentence.norms[k + 1] if k + 1 < len(sentence) else "."
    if (
        word in _CLAUSE
        or word in _AUX
        or word in ("my", "our", "his", "her", "then", "not", "now", "also", "even", "just", "still")
        or word in _PREPOSITIONS
    ):
        return False
    if (
        word in lexicon.finite_verbs()
        and not sentence.tokens[k].capital
        and not (following in (*_CONJ, *_HARD) and rules.verbs)
    ):
        return False
    return not (following in ("'s", "is", "are", "was", "has", "have") or following in _SUBJECTLY)


_SUBJECTLY = frozenset({"'m", "am"})


def _is_clause(sentence: Sentence, span: Span, end: int) -> bool:
    """Whether the list's next item is in truth the subject of a new clause ("tea and my wife likes coffee")."""
    if end >= len(sentence):
        return False
    word = sentence.norms[end]
    return word in _AUX or word in ("'s", "'ve", "'ll") or (word in lexicon.finite_verbs() and word not in _CONJ)


def _phrase_end(sentence: Sentence, start: int, rules: Kind, stop: frozenset[str]) -> int:
    norms, tokens = sentence.norms, sentence.tokens
    j = start
    while j < len(norms) and j - start <= rules.longest + 2:
        word = norms[j]
        if word in _HARD or word in _CLAUSE or word in stop or word in _AUX:
            break
        if word in _CONJ and not (word == "and" and tokens[j].text == "&"):
            break
        if j > start and (word in rules.stops or word in _TIME_WORDS):
            break
        if word == "'s" and not (j + 1 < len(norms) and j > start and (tokens[j - 1].capital or tokens[j + 1].capital)):
            break
        if word in ("'ve", "'m", "'ll", "'re"):
            break
        if not word[0].isalnum() and word[0] not in "'#+&.$€£" and len(word) <= 2:
            break
        if j > start and not rules.verbs and word in _VERBLIKE and not tokens[j].capital:
            break
        j += 1
    return j


_VERBLIKE = frozenset(
    "is are was were has have had do does did will would can could went goes go got gets said says told thinks works lives loves hates likes plays wants needs knows makes gave keeps kept came took lets moved started bought".split()
)


def _trim(sentence: Sentence, start: int, end: int) -> Span:
    norms = sentence.norms
    while end > start and (norms[end - 1] in _TRAILING or norms[end - 1] in lexicon.words("adverbs")):
        end -= 1
    while (
        start < end
        and norms[start]
        in (
            "very",
            "really",
            "also",
            "both",
            "mostly",
            "mainly",
            "just",
            "only",
            "especially",
            "fluent",
            "basic",
            "broken",
            "decent",
            "perfect",
            "native",
            "passable",
            "new",
            "quite",
            "still",
            "currently",
            "of",
            "like",
            "eating",
            "drinking",
        )
        and end - start > 1
    ):
        start += 1
    return start, end


def _verb_phrase(sentence: Sentence, i: int, stop: frozenset[str]) -> tuple[list[Span], int]:
    norms = sentence.norms
    j = i
    while j < len(norms) and j - i < 14:
        word = norms[j]
        if (
            word in _HARD - {"/"}
            or word
            in (
                "because",
                "but",
                "so",
                "while",
                "since",
                "though",
                "although",
                "if",
                "which",
                "where",
                ",",
                "until",
                "when",
                "as",
                "after",
                "before",
                "cause",
                "and",
                "or",
                "then",
                "?",
                "instead",
                "please",
                "what",
                "how",
                "who",
            )
            or word in stop
        ):
            break
        if j > i + 1 and word in ("i", "we", "he", "she", "they"):
            break
        j += 1
    end = j
    k = i + 1
    while k < end:
        if _time_tail(norms, k, end):
            end = k
            break
        k += 1
    span = _trim(sentence, i, end)
    ok = (
        span[1] - span[0] >= 1 and norms[span[0]] not in _ODD | _AUX - {"be", "have", "do"} and norms[span[0]].isalpha()
    )
    return ([span] if ok else []), j


_MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_SEASONS = frozenset("spring summer autumn fall winter christmas easter".split())
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
_PERIODS = (
    frozenset(
        "year month week weekend summer winter spring autumn fall semester term season time friday monday tuesday wednesday thursday saturday sunday".split()
    )
    | _MONTHS
)


def _time_tail(norms: tuple[str, ...], k: int, end: int) -> bool:
    """Whether only a time follows from ``k`` on ("in May", "next summer", "on Friday")."""
    word, following = norms[k], norms[k + 1] if k + 1 < end else ""
    if word in ("soon", "someday", "tomorrow", "tonight", "today", "eventually", "one day", "now"):
        return True
    if word in ("next", "this", "every", "later") and following in _PERIODS:
        return True
    if word in ("in", "on", "by", "from", "at", "this", "during", "come", "over") and (
        following in _MONTHS | _SEASONS | _DAYS or (following.isdigit() and len(following) == 4)
    ):
        return True
    return (
        word in ("in", "on", "within", "by", "around", "during", "over")
        and following in ("the", "a", "two", "three", "early", "late", "mid", "six", "few")
        and k + 2 < end
        and norms[k + 2] in _PERIODS | _SEASONS | {"few", "couple", "weeks", "months", "years", "days"}
    )


_NUMBERS = {
    w: n
    for n, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
    )
} | {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}


def number(word: str) -> int | None:
    """Return the value of "34", "seven" or "thirty-three", else None."""
    if word.isascii() and word.isdigit() and len(word) <= 4:
        return int(word)
    if word in _NUMBERS:
        return _NUMBERS[word]
    tens, _, ones = word.partition("-")
    if ones and tens in _NUMBERS and ones in _NUMBERS and _NUMBERS[tens] >= 20 and 0 < _NUMBERS[ones] < 10:
        return _NUMBERS[tens] + _NUMBERS[ones]
    return None


def _age(sentence: Sentence, i: int) -> tuple[list[Span], int]:
    norms = sentence.norms
    if i < len(norms) and norms[i] in ("a",):
        i += 1
    if i >= len(norms):
        return [], i
    value = number(norms[i])
    if value is None or not 0 < value < 120:
        return [], i
    following = norms[i + 1] if i + 1 < len(norms) else "."
    if following in _NO_AGE or (following.isalpha() and following not in _AFTER_AGE):
        return [], i
    return [(i, i + 1)], i + 1


_AFTER_AGE = frozenset(
    "years year yo y and but now today so btw with from on last this next tomorrow yesterday lol already still i im old who at living going soon if or because since male female m f as just haha xd though".split()
)
_NO_AGE = frozenset(
    "% $ € £ km kg cm minutes minute hours hour days day miles feet pounds lbs % : / pm am o'clock people per".split()
)


def _date(sentence: Sentence, i: int) -> tuple[list[Span], int]:
    norms = sentence.norms
    j, seen = i, False
    while j < len(norms) and norms[j] in ("on", "the", "a", "in"):
        j += 1
    start = j
    while j < len(norms) and j - start < 6:
        word = norms[j]
        if (
            word in _MONTHS
            or (word.isdigit() and len(word) in (1, 2, 4))
            or _ordinal(word)
            or word.count("/") == 2
            or word.count("-") == 2
        ):
            seen = seen or word in _MONTHS or _ordinal(word) or not word.isdigit() or len(word) == 4
            j += 1
        elif word in ("of", ",", "the") and j > start:
            j += 1
        else:
            break
    while j > start and norms[j - 1] in ("of", ",", "the"):
        j -= 1
    return ([(start, j)] if seen and j > start else []), j


def _ordinal(word: str) -> bool:
    return len(word) > 2 and word[:-2].isdigit() and word[-2:] in ("st", "nd", "rd", "th")

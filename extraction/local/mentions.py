"""Who a sentence speaks of: the speaker, relatives and pets ("my sister Ana", "my boss's dog"), known names, pronouns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from extraction.local import lexicon
from extraction.local.entities import Entity, Registry
from extraction.local.tokens import Sentence, Token

_MINE = frozenset({"my", "our", "mine"})
_QUALITIES = frozenset(
    "best older elder younger little big kid baby old oldest eldest youngest middle twin new dear lovely own only close closest good late dead first second third "
    "other lil wee beloved foster adopted civil future current then former ex step half great real favourite amazing wonderful crazy poor whole entire "
    "two three four five six seven eight nine ten 2 3 4 5 6 7 8 9 teenage teen adult grown rescue old-fashioned childhood direct line then- amazing sweet darling "
    "work school college uni university dutch german french spanish italian polish american british scottish irish english black white brown ginger grey fat fluffy blind deaf tiny huge".split()
)
_COUNTS = frozenset("two three four five six seven eight nine ten 2 3 4 5 6 7 8 9 10".split())
_KEPT_QUALITIES = frozenset("best older younger elder twin".split())
_PAST_QUALITIES = frozenset({"late", "dead", "former", "ex"})
_CALLED = frozenset({"named", "called"})
_ADDRESSED = frozenset(
    "mum mom mama mamma mommy mummy mam dad papa pappa daddy amma appa mamá papá grandma granny gran nan nana grandpa granddad grandad".split()
)
_TITLED = frozenset(
    "aunt uncle auntie aunty cousin grandma grandpa granny nana granddad grandad grandmother grandfather sister brother".split()
)
_NO_NAMES = frozenset(
    "i the a an and but or so if in on at to from of for with by as is am are was were be it he she they we you my our his her their this that these those what who when where why how "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december "
    "not no yes ok okay oh hi hey hello thanks please lol btw also then now today yesterday tomorrow tonight just still there here mum mom dad "
    "christmas easter ramadan english french german spanish god ai mr mrs ms dr has had have does do did can could will would should says said who's".split()
)
_CLAUSE_EDGES = frozenset(
    {",", ".", ";", ":", "-", "—", "(", "and", "but", "so", "because", "while", "since", "btw", "!", "...", "…"}
)
_HAVING = frozenset({"have", "has", "had", "got", "adopted"})
_HAVE_AUX = frozenset("do does did have has had 've got not never to used would 'd will could should might 's".split())
_BARE = frozenset(
    "wife husband hubby boyfriend girlfriend bf gf boss partner son daughter sister brother sis bro kids parents in-laws missus mil fil fiance fiancé fiancee fiancée".split()
)
_TITLES = frozenset(
    {
        "mr",
        "mr.",
        "mrs",
        "mrs.",
        "ms",
        "ms.",
        "dr",
        "dr.",
        "prof",
        "prof.",
        "miss",
        "sir",
        "auntie",
        "uncle",
        "aunt",
        "señora",
        "frau",
        "herr",
        "old",
        "little",
    }
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity at its place in a sentence.

    Args:
        start, end: first token and the token after the last.
        entity: who or what is meant.
        kind: "speaker", "relative", "name" or "pronoun".
    """

    start: int
    end: int
    entity: Entity
    kind: str


@dataclass(frozen=True, slots=True)
class Link:
    """A relation that a phrase tells in passing ("my sister Ana"): owner, predicate, relative and place.

    Args:
        kind: the kind of a named animal ("dog"), else None.
        place: the tokens of the relation word.
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
    """What was found in one sentence, in the order of the text."""

    items: list[Mention] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    renamed: list[tuple[Entity, int, int]] = field(default_factory=list)

    def ending_at(self, token: int) -> Mention | None:
        """Return the longest mention that ends right before the token."""
        found = [m for m in self.items if m.end == token]
        return min(found, key=lambda m: m.start) if found else None

    def starting_at(self, token: int) -> Mention | None:
        """Return the longest mention that starts at the token."""
        found = [m for m in self.items if m.start == token]
        return max(found, key=lambda m: m.end) if found else None


def read_name(tokens: tuple[Token, ...], i: int, *, lower: bool = False) -> int:
    """Return the token after the personal name that starts at ``i``; ``i`` itself when there is none.

    Args:
        tokens: the sentence's tokens.
        i: where to look.
        lower: whether a name in lower case is read too, when it is a known given name.
    """
    j = i
    while j < len(tokens) and tokens[j].norm in _TITLES and tokens[j].capital and j - i < 2:
        j += 1
    head = j
    while j < len(tokens) and j - head < 3 and _name_part(tokens[j]):
        j += 1
    if j > head:
        return j
    if lower and head < len(tokens) and tokens[head].norm in lexicon.given_names():
        return head + 1
    return i


def _name_part(token: Token) -> bool:
    text = token.text
    return (
        token.capital
        and token.norm not in _NO_NAMES
        and not text.isdigit()
        and any(c.isalpha() for c in text)
        and not (len(text) > 4 and text.isupper() and False)
    )


class MentionFinder:
    """Finds the mentions of one sentence after the other.

    Args:
        registry: the entities of the conversation; new ones are added.
        speaker: whom "I" and "my" mean.
    """

    def __init__(self, registry: Registry, speaker: Entity) -> None:
        self._registry = registry
        self._speaker = speaker

    def find(self, sentence: Sentence, place: int) -> Mentions:
        """Return the mentions of a sentence.

        Args:
            sentence: the sentence.
            place: its number in the conversation, for pronouns.
        """
        found = Mentions()
        tokens, norms = sentence.tokens, sentence.norms
        i = 0
        while i < len(tokens):
            i = self._step(sentence, tokens, norms, i, place, found)
        for mention in found.items:
            if mention.kind in ("relative", "name"):
                self._registry.note(place, mention.entity)
        return found

    def _step(
        self, sentence: Sentence, tokens: tuple[Token, ...], norms: tuple[str, ...], i: int, place: int, found: Mentions
    ) -> int:
        word = norms[i]
        if word in ("i", "we"):
            found.items.append(Mention(i, i + 1, self._speaker, "speaker"))
            return i + 1
        if word in _MINE:
            return self._possessed(sentence, i, i + 1, self._speaker, found)
        if word in _HAVING:
            after = self._had(sentence, i, found)
            if after > i:
                return after
        if word in ("he", "she", "her", "his", "it", "its"):
            after = self._naming(sentence, i, place, found)
            if after > i:
                return after
        if word in ("his", "her") and i + 1 < len(norms):
            owner = self._registry.pronoun("he" if word == "his" else "she", place)
            return self._possessed(sentence, i, i + 1, owner, found) if owner is not None else i + 1
        if word in ("he", "she"):
            entity = self._pronoun(word, place, found)
            if entity is not None:
                found.items.append(Mention(i, i + 1, entity, "pronoun"))
            return i + 1
        if (
            word == "the"
            and i + 1 < len(norms)
            and norms[i + 1] in ("wife", "husband", "missus", "kids", "hubby", "boyfriend", "girlfriend")
        ):
            return self._possessed(sentence, i, i + 1, self._speaker, found)
        return self._unpossessed(sentence, i, found)

    def _had(self, sentence: Sentence, i: int, found: Mentions) -> int:
        """Read "(I) have two brothers", "got a dog named Rex"; returns ``i`` when nobody is had."""
        norms = sentence.norms
        k, negated = i + 1, False
        if k < len(norms) and norms[k] == "got":
            k += 1
        while k < len(norms) and norms[k] in (
            "a",
            "an",
            "no",
            "any",
            "some",
            "only",
            "also",
            "not",
            "just",
            "one",
            "zero",
        ):
            negated = negated or norms[k] in ("no", "zero", "not")
            k += 1
        j = k
        while j < len(norms) and j - k < 4 and norms[j] in _QUALITIES:
            j += 1
        if (
            j >= len(norms)
            or not (norms[j] in lexicon.kin_words() or norms[j] in lexicon.animals())
            or norms[j] in ("boy", "girl", "boss", "mate", "fish", "crab")
        ):
            return i
        if j + 1 < len(norms) and norms[j + 1] in ("'s", "food", "allergy", "who's") and norms[j + 1] != "who's":
            return i
        owner, denied, past = self._owner_left_of(norms, i, found)
        if owner is None:
            return i
        before = len(found.links)
        after = self._possessed(sentence, i, k, owner, found)
        for n in range(before, len(found.links)):
            link = found.links[n]
            if link.owner is owner:
                found.links[n] = replace(link, negated=negated or denied, past=link.past or past, stated=True)
        return after if len(found.links) > before else i

    def _owner_left_of(self, norms: tuple[str, ...], i: int, found: Mentions) -> tuple[Entity | None, bool, bool]:
        """Return who has, whether it is denied, and whether it is over; nobody for "would have" and the like."""
        j, denied, past = i - 1, False, norms[i] == "had"
        while (
            j >= 0
            and (norms[j] in _HAVE_AUX or norms[j] in lexicon.words("adverbs"))
            and found.ending_at(j + 1) is None
        ):
            denied = denied or norms[j] in ("not", "never")
            past = past or norms[j] == "used"
            if norms[j] in ("would", "'d", "will", "could", "should", "might", "did") or (
                norms[j] == "to" and norms[j - 1 : j] != ("used",)
            ):
                return None, False, False
            j -= 1
        mention = found.ending_at(j + 1)
        if mention is not None:
            return mention.entity, denied, past
        if norms[i] in ("have", "got", "adopted") and (j < 0 or norms[j] in _CLAUSE_EDGES):
            earlier = [m for m in found.items if m.kind != "speaker"]
            return (None if earlier else self._speaker), denied, past
        if j >= 0 and norms[j] == "who" and found.ending_at(j) is not None:
            return found.ending_at(j).entity, denied, past  # type: ignore[union-attr]
        return None, False, False

    def _naming(self, sentence: Sentence, i: int, place: int, found: Mentions) -> int:
        """Read "her name is Ana", "he's called Rex": the one meant gets the name; returns ``i`` when none is given."""
        norms = sentence.norms
        word = norms[i]
        if (
            word in ("her", "his", "its")
            and norms[i + 1 : i + 2] == ("name",)
            and norms[i + 2 : i + 3] in (("is",), ("'s",), ("was",))
        ):
            k = i + 3
        elif (
            word in ("he", "she", "it")
            and norms[i + 1 : i + 2] in (("is",), ("'s",))
            and norms[i + 2 : i + 3] in (("called",), ("named",))
        ):
            k = i + 3
        else:
            return i
        end = read_name(sentence.tokens, k, lower=True)
        if end == k:
            return i
        pronoun = {"her": "she", "she": "she", "his": "he", "he": "he"}.get(word, "it")
        entity = self._pronoun(pronoun, place, found)
        if entity is None or not entity.unnamed:
            return end
        self._registry.rename(entity, _text(sentence, k, end))
        found.renamed.append((entity, k, end))
        found.items.append(Mention(k, end, entity, "name"))
        return end

    def _pronoun(self, word: str, place: int, found: Mentions) -> Entity | None:
        """A pronoun means somebody of this sentence first, then of the ones before."""
        here = [
            m.entity
            for m in found.items
            if m.kind in ("relative", "name") and m.entity.label in ("Person", "Animal") and not m.entity.plural
        ]
        fitting = list(dict.fromkeys(e for e in here if e.gender in (None, word)))
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            told = [e for e in fitting if e.gender == word]
            return told[0] if len(told) == 1 else None
        return self._registry.pronoun(word, place)

    def _possessed(self, sentence: Sentence, start: int, i: int, owner: Entity, found: Mentions) -> int:
        """Read "(my) older sister Ana" whose noun phrase begins at ``i``; returns where to go on."""
        tokens, norms = sentence.tokens, sentence.norms
        j, past, kept = i, False, []
        while j < len(norms) and j - i < 4 and norms[j] in _QUALITIES:
            past = past or norms[j] in _PAST_QUALITIES
            if norms[j] in _KEPT_QUALITIES:
                kept.append(norms[j])
            if norms[j] == "twin" and not (j + 1 < len(norms) and _kin(norms[j + 1])):
                break
            if norms[j] in ("ex", "baby", "youngest", "eldest", "oldest") and not (
                j + 1 < len(norms) and _kin(norms[j + 1])
            ):
                break
            j += 1
        if j >= len(norms):
            return i
        word = norms[j]
        if word.startswith("ex-") and _kin(word[3:]):
            word, past = word[3:], True
        if word in ("ex", "eldest", "oldest", "youngest", "baby"):
            return self._by_rank(sentence, start, j, word, owner, found)
        if _kin(word) is not None:
            return self._relative(sentence, start, j, word, kept, owner, past, found)
        if word in lexicon.animals():
            return self._animal(sentence, start, j, word, owner, past, found)
        return i

    def _by_rank(self, sentence: Sentence, start: int, j: int, word: str, owner: Entity, found: Mentions) -> int:
        """ "my ex Rodrigo", "our eldest, Noor"."""
        end, name = self._name_after(sentence, j + 1)
        if word == "ex":
            entity = self._registry.relative(owner, "partner", name) if name else self._registry.relative(owner, "ex")
            entity.past = True
            found.links.append(Link(owner, "PARTNER_OF", entity, start, end, past=True))
        else:
            entity = self._registry.relative(owner, "child", name) if name else self._registry.relative(owner, word)
            found.links.append(Link(owner, "HAS_CHILD", entity, start, end))
        found.items.append(Mention(start, end, entity, "relative"))
        return end

    def _relative(
        self,
        sentence: Sentence,
        start: int,
        j: int,
        word: str,
        kept: list[str],
        owner: Entity,
        past: bool,
        found: Mentions,
    ) -> int:
        norms = sentence.norms
        predicate, singular, plural = lexicon.kin_words()[word]
        end = j + 1
        if norms[end : end + 3] in (("'s", "name", "is"), ("'s", "name", "'s"), ("'s", "name", "was")):
            after = read_name(sentence.tokens, end + 3, lower=True)
            if after > end + 3:
                name = _text(sentence, end + 3, after)
                return self._introduce(found, owner, predicate, [(singular, name, end + 3, after)], start, after, past)
        if plural:
            names = self._names_after(sentence, end)
            if names:
                last = names[-1][2]
                return self._introduce(
                    found, owner, predicate, [(singular, n, a, b) for n, a, b in names], start, last, past
                )
            counted = sentence.norms[j - 1] if j > 0 and sentence.norms[j - 1] in _COUNTS else None
            entity = self._registry.relative(owner, f"{counted} {word}" if counted else word)
            entity.plural = True
            found.links.append(Link(owner, predicate, entity, start, end, past, place=(j, end)))
            found.items.append(Mention(start, end, entity, "relative"))
            return end
        end, name = self._name_after(sentence, end)
        if name is None and (named := self._name_before(sentence, start)) is not None:
            name, start = named
        qualified = "best friend" if kept == ["best"] and singular == "friend" else singular
        if name is None and end < len(norms) and norms[end] == "'s" and self._chains(norms, end + 1):
            entity = self._registry.relative(owner, qualified)
            found.links.append(Link(owner, predicate, entity, start, end, past, place=(j, end)))
            return self._possessed(sentence, start, end + 1, entity, found)
        entity = self._registry.relative(owner, qualified, name)
        entity.past = entity.past or past
        found.links.append(Link(owner, predicate, entity, start, end, past, place=(j, end)))
        found.items.append(Mention(start, end, entity, "relative"))
        if name is not None and end < len(norms) and norms[end] == "'s" and self._chains(norms, end + 1):
            return self._possessed(sentence, start, end + 1, entity, found)
        return end

    def _name_before(self, sentence: Sentence, start: int) -> tuple[str, int] | None:
        """Read "Ana" in "Ana is my sister"."""
        norms, tokens = sentence.norms, sentence.tokens
        if start < 2 or norms[start - 1] not in ("is", "'s", "was") or norms[start] not in ("my", "our"):
            return None
        first = start - 1
        while first > 0 and start - first < 4 and read_name(tokens, first - 1) >= start - 1:
            first -= 1
        if first == start - 1 or (first > 0 and norms[first - 1] not in _CLAUSE_EDGES):
            return None
        return _text(sentence, first, start - 1), first

    def _chains(self, norms: tuple[str, ...], i: int) -> bool:
        j = i
        while j < len(norms) and j - i < 3 and norms[j] in _QUALITIES:
            j += 1
        return j < len(norms) and (norms[j] in lexicon.kin_words() or norms[j] in lexicon.animals())

    def _introduce(
        self,
        found: Mentions,
        owner: Entity,
        predicate: str,
        named: list[tuple[str, str, int, int]],
        start: int,
        end: int,
        past: bool,
    ) -> int:
        for word, name, first, last in named:
            entity = self._registry.relative(owner, word, name)
            found.links.append(Link(owner, predicate, entity, start, end, past))
            found.items.append(Mention(first, last, entity, "relative"))
        if len(named) == 1:
            found.items.append(
                Mention(start, end, self._registry.relative(owner, named[0][0], named[0][1]), "relative")
            )
        return end

    def _animal(
        self, sentence: Sentence, start: int, j: int, word: str, owner: Entity, past: bool, found: Mentions
    ) -> int:
        norms = sentence.norms
        kind = lexicon.animals()[word]
        end = j + 1
        if norms[end : end + 2] == ("'s", "name"):
            after = read_name(sentence.tokens, end + 3, lower=True)
            name = _text(sentence, end + 3, after) if after > end + 3 else None
            end = after if name else end
        elif kind != word:
            names = self._names_after(sentence, end)
            for name_, first, last in names:
                entity = self._registry.relative(owner, kind, name_, "Animal")
                found.links.append(Link(owner, "HAS_PET", entity, start, last, past, kind=kind, place=(j, j + 1)))
                found.items.append(Mention(first, last, entity, "relative"))
            if names:
                return names[-1][2]
            name = None
        else:
            end, name = self._name_after(sentence, end, pet=True)
        counted = norms[j - 1] if kind != word and j > 0 and norms[j - 1] in _COUNTS else None
        entity = self._registry.relative(owner, f"{counted} {word}" if counted else word, name, "Animal")
        entity.plural = kind != word
        kind_told = kind if name is not None and kind != "pet" else None
        found.links.append(Link(owner, "HAS_PET", entity, start, end, past, kind=kind_told, place=(j, j + 1)))
        found.items.append(Mention(start, end, entity, "relative"))
        return end

    def _name_after(self, sentence: Sentence, i: int, *, pet: bool = False) -> tuple[int, str | None]:
        """Read the name right after a relation word: "Ana", ", Ana,", "(Ana)", "named Ana", "called Ana"."""
        tokens, norms = sentence.tokens, sentence.norms
        if i >= len(tokens):
            return i, None
        k = i
        told = norms[k] in _CALLED or norms[k : k + 2] in (
            ("is", "named"),
            ("is", "called"),
            ("'s", "called"),
            ("'s", "named"),
        )
        if told:
            k += 1 if norms[k] in _CALLED else 2
        elif norms[k] in (",", "(", "-", "—", ":") and k + 1 < len(tokens):
            k += 1
        end = read_name(tokens, k, lower=True)
        if told and end == k and k < len(tokens) and tokens[k].text.isalpha() and norms[k] not in _NO_NAMES:
            end = k + 1
        if end == k:
            return i, None
        if k == i + 1 and not told:
            closes = norms[end] if end < len(norms) else "."
            if not (
                closes in (",", ")", ".", "!", "?", "-", "—", ";", "who", "'s", "is", "and", "has", "was")
                and (tokens[k].capital)
            ):
                return i, None
            if closes == "and" and norms[i] == ",":
                return i, None
        if norms[k] in lexicon.finite_verbs() and not tokens[k].capital:
            return i, None
        name = _text(sentence, k, end)
        if end < len(norms) and norms[i] == "(" and norms[end] == ")":
            end += 1
        return end, name

    def _names_after(self, sentence: Sentence, i: int) -> list[tuple[str, int, int]]:
        """Read "Ana and Luc", ", Elia, Sami and Rex" after a plural."""
        tokens, norms = sentence.tokens, sentence.norms
        k = i
        if k < len(norms) and norms[k] in (*_CALLED, ",", "(", ":", "-", "—", "are"):
            k += 1
        names: list[tuple[str, int, int]] = []
        while k < len(tokens) and len(names) < 12:
            end = read_name(tokens, k, lower=bool(names) or k == i)
            if end == k:
                break
            names.append((_text(sentence, k, end), k, end))
            k = end
            while k < len(norms) and norms[k] in (",", "and"):
                k += 1
            if k == end:
                break
        return names if len(names) > 1 else []

    def _unpossessed(self, sentence: Sentence, i: int, found: Mentions) -> int:
        """A name met before, "Mum", "Aunt Dorcas", "Boss is called Thandeka", "Ana's dog"."""
        tokens, norms = sentence.tokens, sentence.norms
        word = norms[i]
        opens = i == 0 or norms[i - 1] in _CLAUSE_EDGES
        if word in lexicon.kin_words() and (
            i == 0
            or norms[i - 1]
            not in ("a", "an", "the", "no", "any", "this", "that", "every", "his", "her", "their", "your", "'s")
        ):
            predicate, singular, plural = lexicon.kin_words()[word]
            if word in _TITLED and tokens[i].capital or (opens and word in ("cousin", "aunt", "uncle")):
                end = read_name(tokens, i + 1)
                if end > i + 1:
                    return self._relative(sentence, i, i, word, [], self._speaker, False, found)
            follower = norms[i + 1] if i + 1 < len(norms) else "."
            if word in _ADDRESSED and (tokens[i].capital or opens) and follower not in (",", "!", "?", ".", "friend"):
                return self._relative(sentence, i, i, word, [], self._speaker, False, found)
            if (
                word in _BARE
                and opens
                and (follower in lexicon.finite_verbs() or (i + 1 < len(tokens) and read_name(tokens, i + 1) > i + 1))
            ):
                return self._relative(sentence, i, i, word, [], self._speaker, False, found)
            del predicate, singular, plural
        if opens and word == "best" and i + 1 < len(norms) and norms[i + 1] in ("friend", "mate"):
            return self._possessed(sentence, i, i, self._speaker, found)
        end = read_name(tokens, i)
        if end == i and word in lexicon.given_names():
            end = i + 1 if self._registry.known_name(word) is not None else i
        while end > i:
            entity = self._registry.known_name(_text(sentence, i, end))
            if entity is not None:
                found.items.append(Mention(i, end, entity, "name"))
                if end < len(norms) and norms[end] == "'s" and self._chains(norms, end + 1):
                    return self._possessed(sentence, i, end + 1, entity, found)
                return end
            end -= 1
        return i + 1


def _kin(word: str) -> tuple[str, str, bool] | None:
    return lexicon.kin_words().get(word)


def _text(sentence: Sentence, start: int, end: int) -> str:
    tokens = sentence.tokens
    pieces = []
    for i in range(start, end):
        if i > start and tokens[i].start > tokens[i - 1].end:
            pieces.append(" ")
        pieces.append(tokens[i].text)
    return "".join(pieces)

"""Relatives, colleagues, friends and pets: "my sister Ana", "our boys, Elia and Sami", "my boss's dog", "a dog named Rex"."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.local import lexicon
from extraction.local.entities import Entity, Registry
from extraction.local.mentions import Link, Mention, Mentions
from extraction.local.naming import CALLED, EDGES, read_lower_name, read_name, text_of
from extraction.local.tokens import Sentence

_QUALITIES = frozenset(
    "best older elder younger little big kid baby old oldest eldest youngest middle twin new dear lovely own "
    "only close closest good late dead first second third other lil wee beloved foster adopted civil future "
    "current then former ex step half great real favourite amazing wonderful crazy poor whole entire two three "
    "four five six seven eight nine ten 2 3 4 5 6 7 8 9 teenage teen adult grown rescue childhood sweet "
    "darling long-time longtime work school college uni university dutch german french spanish italian polish "
    "american british scottish irish english black white brown ginger grey fat fluffy blind deaf tiny huge".split()
)
_COUNTS = frozenset("two three four five six seven eight nine ten 2 3 4 5 6 7 8 9 10".split())
_PAST = frozenset({"former", "ex", "dead", "late", "old"})
_RANKS = frozenset({"ex", "eldest", "oldest", "youngest", "baby", "little"})
_IN_FULL = {"sis": "sister", "bro": "brother", "mom": "mother", "mum": "mother", "dad": "father"}
_NO_PERSON = frozenset(
    "tongue jokes joke shower company band scout scouts figure board ship site food bed carrier toy toys "
    "litter sitter park 's-in-law bod cave crush night club voice".split()
)
_NAME_IS = (
    ("'s", "name", "is"),
    ("'s", "name", "'s"),
    ("'s", "name", "was"),
    ("name", "is"),
    ("'s", "called"),
    ("is", "called"),
    ("is", "named"),
    ("'s", "named"),
)
_BLOOD = frozenset({"HAS_PARENT", "HAS_CHILD", "HAS_SIBLING", "HAS_RELATIVE"})
_BE_MINE = (("is",), ("'s",), ("was",))


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A relation word with what stands around it in a sentence."""

    sentence: Sentence
    start: int
    head: int
    word: str
    owner: Entity
    past: bool
    best: bool = False
    late: bool = False

    @property
    def count(self) -> str | None:
        before = self.sentence.norms[self.head - 1] if self.head > 0 else ""
        return before if before in _COUNTS else None


class Relatives:
    """Reads phrases that name somebody by a relation.

    Args:
        registry: the conversation's entities.
        speaker: who says "I".
    """

    def __init__(self, registry: Registry, speaker: Entity) -> None:
        self._registry = registry
        self._speaker = speaker

    def read(self, sentence: Sentence, start: int, i: int, owner: Entity, found: Mentions) -> int:
        """Read "older sister Ana", whose noun phrase begins at ``i``.

        Args:
            sentence: the sentence.
            start: the token where the mention begins ("my").
            i: the token after the possessive.
            owner: whose relative it is.
            found: gets the mentions and links.

        Returns:
            The token after it; ``i`` when there is nobody.
        """
        norms = sentence.norms
        j, past = i, False
        while (
            j < len(norms)
            and j - i < 4
            and norms[j] in _QUALITIES
            and not self._is_rank(norms, j)
            and not (norms[j] == "twin" and not self.begins(norms, j + 1))
        ):
            past = past or norms[j] in _PAST - {"late", "old"}
            j += 1
        if j >= len(norms):
            return i
        word = norms[j]
        late = "late" in norms[i:j] or "dead" in norms[i:j]
        if word.startswith("ex-") and word[3:] in lexicon.kin_words():
            word, past = word[3:], True
        in_law = f"{_IN_FULL.get(word, word)}-in-law"
        if norms[j + 1 : j + 3] == ("in", "law") and in_law in lexicon.kin_words():
            return self._person(_Phrase(sentence, start, j + 2, in_law, owner, past), found)
        if self._is_rank(norms, j):
            return self._by_rank(_Phrase(sentence, start, j, word, owner, word == "ex"), found)
        if word.endswith("s") and word[:-1] in lexicon.kin_words() and self._is_kin(norms, j + 1):
            return self._of_owner(_Phrase(sentence, start, j, word[:-1], owner, past), found)
        if word in lexicon.kin_words() and norms[j + 1 : j + 2] and norms[j + 1] in _NO_PERSON:
            return i
        if word in lexicon.kin_words():
            predicate = lexicon.kin_words()[word][0]
            over = (past or ("first" in norms[i:j] and predicate == "MARRIED_TO")) and predicate not in _BLOOD
            return self._person(_Phrase(sentence, start, j, word, owner, over, "best" in norms[i:j], late), found)
        if word in lexicon.animals():
            return self._animal(_Phrase(sentence, start, j, word, owner, past or late), found)
        return i

    def is_known_animal(self, words: tuple[str, ...]) -> bool:
        """Whether "the puppy" can only mean the speaker's, who has been told of.

        Args:
            words: the word after "the", if any.
        """
        return words != () and words[0] in lexicon.animals() and self._registry.has_relative(self._speaker, words[0])

    def begins(self, norms: tuple[str, ...], i: int) -> bool:
        """Whether a relation word follows at ``i``, qualities aside."""
        j = i
        while j < len(norms) and j - i < 3 and norms[j] in _QUALITIES:
            j += 1
        return j < len(norms) and (norms[j] in lexicon.kin_words() or norms[j] in lexicon.animals())

    @staticmethod
    def _is_rank(norms: tuple[str, ...], j: int) -> bool:
        """ "my ex", "our eldest": the quality stands alone."""
        if norms[j] not in _RANKS:
            return False
        return not (
            j + 1 < len(norms)
            and (norms[j + 1] in lexicon.kin_words() or norms[j + 1] in _QUALITIES or norms[j + 1] in lexicon.animals())
        )

    def _by_rank(self, phrase: _Phrase, found: Mentions) -> int:
        if phrase.word == "little":
            return phrase.head
        predicate, word = ("PARTNER_OF", "partner") if phrase.word == "ex" else ("HAS_CHILD", "child")
        end, name, start = self._name_around(phrase, phrase.head + 1)
        entity = self._registry.relative(phrase.owner, word if name else phrase.word, name)
        entity.past = phrase.past
        found.links.append(
            Link(phrase.owner, predicate, entity, start, end, phrase.past, place=(phrase.head, phrase.head + 1))
        )
        found.items.append(Mention(start, end, entity, "relative"))
        return end

    def _person(self, phrase: _Phrase, found: Mentions) -> int:
        norms = phrase.sentence.norms
        predicate, singular, plural = lexicon.kin_words()[phrase.word]
        end = phrase.head + 1
        if plural:
            return self._people(phrase, predicate, singular, found)
        word = "best friend" if phrase.best and singular in ("friend", "mate", "buddy") else singular
        if self._self_described(phrase):
            found.links.append(
                Link(phrase.owner, predicate, self._speaker, phrase.start, end, phrase.past, place=(phrase.head, end))
            )
            return end
        end, name, start = self._name_around(phrase, end)
        entity = self._registry.relative(phrase.owner, word, name)
        entity.past = entity.past or phrase.past
        entity.late = entity.late or phrase.late
        found.links.append(
            Link(phrase.owner, predicate, entity, start, end, phrase.past, place=(phrase.head, phrase.head + 1))
        )
        found.items.append(Mention(start, end, entity, "relative"))
        if end < len(norms) and norms[end] == "'s" and self.begins(norms, end + 1):
            return self.read(phrase.sentence, phrase.start, end + 1, entity, found)
        return end

    def _is_kin(self, norms: tuple[str, ...], i: int) -> bool:
        return self.begins(norms, i) and norms[i] not in ("ex", "eldest", "oldest", "youngest")

    def _of_owner(self, phrase: _Phrase, found: Mentions) -> int:
        """Read "my sisters boyfriend", whose apostrophe was left out."""
        _, singular, _ = lexicon.kin_words()[phrase.word]
        entity = self._registry.relative(phrase.owner, singular)
        found.items.append(Mention(phrase.start, phrase.head + 1, entity, "relative"))
        return self.read(phrase.sentence, phrase.start, phrase.head + 1, entity, found)

    def _self_described(self, phrase: _Phrase) -> bool:
        """ "I'm Zsuzsanna's daughter": the relative is the speaker."""
        if phrase.owner is self._speaker:
            return False
        before = [n for n in phrase.sentence.norms[: phrase.start] if n not in lexicon.words("adverbs")][-2:]
        return before in (["i", "am"], ["i", "'m"])

    def _people(self, phrase: _Phrase, predicate: str, singular: str, found: Mentions) -> int:
        end = phrase.head + 1
        names = self._names_after(phrase.sentence, end)
        for name, first, last in names:
            entity = self._registry.relative(phrase.owner, singular, name)
            found.links.append(
                Link(phrase.owner, predicate, entity, phrase.start, last, phrase.past, place=(first, last))
            )
            found.items.append(Mention(first, last, entity, "relative"))
        if names:
            return names[-1][2]
        word = f"{phrase.count} {phrase.word}" if phrase.count else phrase.word
        entity = self._registry.relative(phrase.owner, word)
        entity.plural = True
        found.links.append(
            Link(phrase.owner, predicate, entity, phrase.start, end, phrase.past, place=(phrase.head, end))
        )
        found.items.append(Mention(phrase.start, end, entity, "relative"))
        return end

    def _animal(self, phrase: _Phrase, found: Mentions) -> int:
        kind = lexicon.animals()[phrase.word]
        plural = kind != phrase.word and not phrase.word.endswith("fish")
        end = phrase.head + 1
        name, start = None, phrase.start
        if plural:
            names = self._names_after(phrase.sentence, end)
            for name_, first, last in names:
                entity = self._registry.relative(phrase.owner, kind, name_, "Animal")
                found.links.append(
                    Link(
                        phrase.owner, "HAS_PET", entity, phrase.start, last, phrase.past, kind=kind, place=(first, last)
                    )
                )
                found.items.append(Mention(first, last, entity, "relative"))
            if names:
                return names[-1][2]
        else:
            end, name, start = self._name_around(phrase, end)
        word = f"{phrase.count} {phrase.word}" if plural and phrase.count else phrase.word
        entity = self._registry.relative(phrase.owner, word, name, "Animal")
        entity.plural = plural
        kind_told = kind if name is not None and kind != "pet" else None
        found.links.append(
            Link(
                phrase.owner,
                "HAS_PET",
                entity,
                start,
                end,
                phrase.past,
                kind=kind_told,
                place=(phrase.head, phrase.head + 1),
            )
        )
        found.items.append(Mention(start, end, entity, "relative"))
        return end

    def _name_around(self, phrase: _Phrase, i: int) -> tuple[int, str | None, int]:
        """Return where the phrase ends, the name that goes with it, and where it starts: "my sister Ana", "Ana, my sister"."""
        end, name = self._name_after(phrase.sentence, i)
        if name is not None and _is_asked(phrase, i, end):
            return i, None, phrase.start
        if name is not None:
            return end, name, phrase.start
        before = self._name_before(phrase)
        return (i, before[0], before[1]) if before is not None else (i, None, phrase.start)

    def _name_after(self, sentence: Sentence, i: int) -> tuple[int, str | None]:
        """Read the name right after a relation word: "Ana", ", Ana,", "(Ana)", "named Ana", "'s name is Ana"."""
        tokens, norms = sentence.tokens, sentence.norms
        if i >= len(tokens):
            return i, None
        for told in (*_NAME_IS, ("named",), ("called",), (",", "called"), (",", "named")):
            if norms[i : i + len(told)] == told:
                k = i + len(told)
                end = read_name(tokens, k, lower=True)
                if end == k and told[-1] in (*CALLED, "is", "'s") and k < len(tokens) and _plain_name(norms[k]):
                    end = k + 1
                return (end, text_of(sentence, k, end)) if end > k else (i, None)
        if norms[i] in (",", "(", "-", "—", ":", "is", "="):
            return self._name_apart(sentence, i)
        end = read_name(tokens, i, lower=True)
        if end == i:
            end = read_lower_name(sentence, i)
        if end == i or (norms[i] in lexicon.finite_verbs() and not tokens[i].capital) or _is_origin(norms[i:end]):
            return i, None
        return end, text_of(sentence, i, end)

    def _name_apart(self, sentence: Sentence, i: int) -> tuple[int, str | None]:
        """Read ", Ana," or "(Ana)" or "is Ana."."""
        tokens, norms = sentence.tokens, sentence.norms
        end = read_name(tokens, i + 1)
        if end == i + 1 or _is_origin(norms[i + 1 : end]):
            return i, None
        closing = norms[end] if end < len(norms) else "."
        if norms[i] == "is":
            known = norms[i + 1] in lexicon.given_names()
            return (end, text_of(sentence, i + 1, end)) if known or closing in (",", ".", "!") else (i, None)
        if (
            closing not in (",", ")", ".", "!", "?", "-", "—", ";", "who", "'s", "is", "has", "was", "(")
            and norms[i] != ":"
        ):
            return i, None
        name = text_of(sentence, i + 1, end)
        return (end + 1 if norms[i] == "(" and closing == ")" else end), name

    def _name_before(self, phrase: _Phrase) -> tuple[str, int] | None:
        """Read "Ana" in "Ana is my sister", "Ana has been my friend", "Ana, my sister,"."""
        sentence, start = phrase.sentence, phrase.start
        norms, tokens = sentence.norms, sentence.tokens
        if start < 2 or norms[start] not in ("my", "our", "his", "her"):
            return None
        last = start - 1
        closing = norms[phrase.head + 1] if phrase.head + 1 < len(norms) else "."
        if norms[start - 2 : start] == ("has", "been"):
            last = start - 2
        elif norms[last] == "(" and closing == ")":
            pass
        elif norms[last] == ",":
            if closing not in (",", ".", ";", ")", "!", "?", "who", "-", "—"):
                return None
        elif norms[last] not in ("is", "'s", "was"):
            return None
        first = last
        while first > 0 and last - first < 3 and read_name(tokens, first - 1) >= last:
            first -= 1
        opens = first == 0 or norms[first - 1] in EDGES | {"then", "'s", "?"} or norms[start - 1] in (",", "(")
        if first == last or not opens or _is_origin(norms[first:last]):
            return None
        return text_of(sentence, first, last), first

    def _names_after(self, sentence: Sentence, i: int) -> list[tuple[str, int, int]]:
        """Read "Ana and Luc", ", Elia, Sami and Rex" after a plural."""
        tokens, norms = sentence.tokens, sentence.norms
        k = i
        if k < len(norms) and norms[k] in (*CALLED, ",", "(", ":", "-", "—", "are"):
            k += 1
        names: list[tuple[str, int, int]] = []
        while k < len(tokens) and len(names) < 12:
            end = read_name(tokens, k, lower=True)
            if (
                end == k
                and names
                and norms[k - 1] == "and"
                and _plain_name(norms[k])
                and not tokens[names[0][1]].capital
            ):
                end = k + 1
            if end == k:
                break
            names.append((text_of(sentence, k, end), k, end))
            k = end
            while k < len(norms) and norms[k] in (",", "and"):
                k += 1
            if k == end:
                break
        return names if len(names) > 1 else []


def _is_asked(phrase: _Phrase, i: int, end: int) -> bool:
    """ "Is my sister called Ana?" asks for the name, "Where is my sister Ana?" knows it."""
    norms = phrase.sentence.norms
    be = phrase.start - 1
    if be < 0 or norms[-1] != "?" or norms[be] not in ("is", "was", "are", "were"):
        return False
    if be > 0 and norms[be - 1] not in EDGES:
        return False
    return any(n in (*CALLED, "name", "is") for n in norms[i:end]) or norms[end] == "?"


def _plain_name(word: str) -> bool:
    return (
        word.isalpha()
        and len(word) > 2
        and word not in lexicon.finite_verbs()
        and word not in lexicon.words("adverbs")
        and word not in ("not", "the", "really", "a", "my")
    )


def _is_origin(norms: tuple[str, ...]) -> bool:
    """ "my wife is Finnish" names nobody."""
    return len(norms) == 1 and norms[0] in lexicon.words("nationalities") | lexicon.words("languages") | lexicon.words(
        "identities"
    )

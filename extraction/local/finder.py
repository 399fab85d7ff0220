"""Finds whom a sentence speaks of: the speaker, relatives and pets, known and new names, pronouns."""

from __future__ import annotations

import re
from dataclasses import replace

from extraction.local import lexicon
from extraction.local.entities import Entity, Registry
from extraction.local.function_words import DAYS, MONTHS, SEASONS
from extraction.local.mentions import Mention, Mentions
from extraction.local.naming import EDGES, is_new_name, read_name, text_of
from extraction.local.relatives import Relatives
from extraction.local.tokens import Sentence, Span

_MINE = frozenset({"my", "our"})
_THE_OWN = frozenset("wife husband missus kids hubby boyfriend girlfriend".split())
_ADDRESSED = frozenset(
    "mum mom mama mamma mommy mummy mam dad papa pappa daddy amma appa mamá papá grandma granny gran nan nana "
    "grandpa granddad grandad".split()
)
_TITLED = frozenset(
    "aunt uncle auntie aunty cousin grandma grandpa granny nana granddad grandad grandmother grandfather mum "
    "mom mama mamma pappa papa dad".split()
)
_BARE = frozenset(
    "wife husband hubby boyfriend girlfriend bf gf boss partner son daughter sister brother sis bro kids "
    "parents in-laws missus mil fil fiance fiancé fiancee fiancée".split()
)
_NOT_AFTER = frozenset("a an the no any this that every his her their your 's".split())
_HAVING = frozenset({"have", "has", "had", "got", "adopted", "keep", "keeps", "own", "owns"})
_HAVE_AUX = frozenset("do does did have has had 've got not never to used would 'd will could should might 's".split())
_ARTICLES = frozenset("a an no any some only also not just one zero got this the".split())
_UNREAL = frozenset("would 'd will could should might did".split())
_AMBIGUOUS = frozenset("boy girl boss mate fish crab partner bird crow cow goose pig lab mouse rat bull calf".split())


_PUT_DOWN = re.compile(
    r"(?:had to be|has been|had been|was|got) put (?:to sleep|down(?! (?:by|on|in|for)))\b|(?:has )?crossed the rainbow"
)
_FROM_WORK = frozenset({("from", "work"), ("from", "my", "work"), ("from", "the", "office"), ("from", "my", "office")})


class MentionFinder:
    """Finds the mentions of one sentence after the other.

    Args:
        registry: the entities of the conversation; new ones are added.
        speaker: whom "I" and "my" mean.
        newcomers: whether names that nobody introduced are persons of the text.
    """

    def __init__(self, registry: Registry, speaker: Entity, *, newcomers: bool = True) -> None:
        self._registry = registry
        self._speaker = speaker
        self._newcomers = newcomers
        self._relatives = Relatives(registry, speaker)

    def find(self, sentence: Sentence, place: int) -> Mentions:
        """Return the mentions of a sentence.

        Args:
            sentence: the sentence.
            place: its number in the conversation, for pronouns.
        """
        found = Mentions()
        i = 0
        while i < len(sentence):
            i = max(i + 1, self._step(sentence, i, place, found))
        self._drop_doubles(found)
        self._note_deaths(sentence, found)
        for mention in found.items:
            if mention.kind != "speaker":
                self._registry.note(place, mention.entity)
        return found

    def _drop_doubles(self, found: Mentions) -> None:
        """ "Tom (our cat)": Tom looked like a newcomer until the words after the name told who he is."""
        relatives = [m for m in found.items if m.kind == "relative"]
        for mention in [m for m in found.items if m.kind == "newcomer"]:
            for other in relatives:
                if other.start <= mention.start and mention.end <= other.end and other.entity is not mention.entity:
                    found.items.remove(mention)
                    self._registry.forget(mention.entity)
                    break

    @staticmethod
    def _note_deaths(sentence: Sentence, found: Mentions) -> None:
        """ "Our cat Tom died", "we lost our dog": who is dead is so for every fact."""
        norms = sentence.norms
        for mention in found.items:
            is_pet = mention.start > 0 and norms[mention.start - 1] in lexicon.animals()
            if mention.kind == "speaker" or (is_pet and mention.entity.label == "Person"):
                continue
            j = mention.end
            while j < len(norms) and (
                norms[j] in (")", "is", "been") or norms[j] in _HAVE_AUX or norms[j] in lexicon.words("adverbs")
            ):
                j += 1
            died = norms[j : j + 1] in (("died",), ("passed",)) and norms[j + 1 : j + 2] not in (
                ("her",),
                ("his",),
                ("the",),
                ("me",),
            )
            mourned = norms[max(0, mention.start - 1) : mention.start] in (("poor",), ("dear",), ("old",), ("sweet",))
            before = norms[max(0, mention.start - 1 - mourned) : mention.start - mourned]
            lost = before == ("buried",) or (
                before == ("lost",)
                and (mourned or norms[mention.start] in ("my", "our") or _is_of_a_pet_in_time(mention, norms))
            )
            if mention.start > 0 and norms[mention.start - 1] in ("put", "putting", "have", "had"):
                lost = (
                    lost
                    or norms[mention.end : mention.end + 1] == ("down",)
                    or norms[mention.end : mention.end + 2]
                    in (
                        ("to", "sleep"),
                        ("put", "down"),
                    )
                )
            dead = norms[j - 1 : j + 1] in (("is", "dead"), ("'s", "dead"), ("been", "dead")) and (
                norms[j + 1 : j + 2] in ((), (".",), (",",), ("!",), ("now",), ("and",), ("since",), ("for",))
            )
            following = " ".join(norms[mention.end : mention.end + 6])
            over = died or lost or dead or _PUT_DOWN.match(following) is not None
            mention.entity.late = mention.entity.late or over
            mention.entity.died = mention.entity.died or over

    def _step(self, sentence: Sentence, i: int, place: int, found: Mentions) -> int:
        norms = sentence.norms
        word = norms[i]
        if word in ("i", "we"):
            found.items.append(Mention(i, i + 1, self._speaker, "speaker"))
            return i + 1
        if word in _MINE:
            return self._relatives.read(sentence, i, i + 1, self._speaker, found)
        if word == "the" and norms[i + 1 : i + 2] and norms[i + 1] in _THE_OWN:
            return self._relatives.read(sentence, i, i + 1, self._speaker, found)
        if word == "the" and self._relatives.is_known_animal(norms[i + 1 : i + 2]):
            return self._relatives.read(sentence, i, i + 1, self._speaker, found)
        if word in _HAVING:
            return self._had(sentence, i, found)
        if word in ("he", "she", "her", "his", "it", "its"):
            return self._third_person(sentence, i, place, found)
        return self._unpossessed(sentence, i, found)

    def _third_person(self, sentence: Sentence, i: int, place: int, found: Mentions) -> int:
        word = sentence.norms[i]
        after = self._naming(sentence, i, place, found)
        if after > i:
            return after
        if word in ("his", "her"):
            owner = self._pronoun("he" if word == "his" else "she", place, found)
            return self._relatives.read(sentence, i, i + 1, owner, found) if owner is not None else i
        if word in ("he", "she"):
            entity = self._just_named(sentence, i, word, found) or self._pronoun(word, place, found)
            if entity is not None:
                found.items.append(Mention(i, i + 1, entity, "pronoun"))
        return i + 1

    def _had(self, sentence: Sentence, i: int, found: Mentions) -> int:
        """Read "(I) have two brothers", "got a dog named Rex"; returns ``i`` when nobody is had."""
        norms = sentence.norms
        k, negated = i + 1, False
        while k < len(norms) and norms[k] in _ARTICLES:
            negated = negated or norms[k] in ("no", "zero", "not")
            k += 1
        if not self._relatives.begins(norms, k):
            return i
        head = next(j for j in range(k, len(norms)) if norms[j] in lexicon.kin_words() or norms[j] in lexicon.animals())
        if norms[head] in _AMBIGUOUS or norms[head + 1 : head + 2] in (("food",), ("allergy",)):
            return i
        owner, denied, past = self._owner_left_of(norms, i, found)
        if owner is None:
            return i
        before = len(found.links)
        after = self._relatives.read(sentence, i, k, owner, found)
        following = self._next_had(norms, after)
        while following > after > k:
            after = self._relatives.read(sentence, following, following, owner, found)
            following = self._next_had(norms, after)
        for n in range(before, len(found.links)):
            link = found.links[n]
            if link.owner is owner:
                found.links[n] = replace(link, negated=negated or denied, past=link.past or past, stated=True)
        return after

    def _next_had(self, norms: tuple[str, ...], i: int) -> int:
        """Return where the next one of a list is ("a ferret and a parrot"); ``i`` when the list is over."""
        k = i
        while k < len(norms) and norms[k] in (",", "and"):
            k += 1
        if k == i or k >= len(norms) or norms[k] not in _ARTICLES | {"two", "three", "four"}:
            return i
        k += norms[k] in _ARTICLES
        return k if self._relatives.begins(norms, k) else i

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
            if norms[j] in _UNREAL or (norms[j] == "to" and norms[j - 1 : j] != ("used",)):
                return None, False, False
            j -= 1
        mention = found.ending_at(j + 1)
        if mention is None and j >= 0 and norms[j] == "who":
            mention = found.ending_at(j)
        if mention is not None:
            return mention.entity, denied, past
        left_out = norms[i] in ("have", "got", "adopted", "had") and (j < 0 or norms[j] in EDGES)
        if left_out and not any(m.kind != "speaker" for m in found.items):
            return self._speaker, denied, past
        return None, False, False

    def _naming(self, sentence: Sentence, i: int, place: int, found: Mentions) -> int:
        """Read "her name is Ana", "he's called Rex", "She's Ana,": the one meant gets the name; ``i`` when none is given."""
        norms = sentence.norms
        word = norms[i]
        if word in ("he", "she") and norms[i + 1 : i + 2] in (("is",), ("'s",)):
            end = self._bare_name(sentence, i + 2)
            if end > i + 2:
                return self._give_name(sentence, (i + 2, end), self._pronoun(word, place, found), found)
        owned = word in ("her", "his", "its") and norms[i + 1 : i + 2] == ("name",)
        called = word in ("he", "she", "it") and norms[i + 2 : i + 3] in (("called",), ("named",))
        k = i + 3
        if not (owned and norms[i + 2 : i + 3] in (("is",), ("'s",), ("was",))) and not (
            called and norms[i + 1 : i + 2] in (("is",), ("'s",))
        ):
            return i
        end = read_name(sentence.tokens, k, lower=True)
        if (
            end == k
            and k < len(norms)
            and norms[k].isalpha()
            and norms[k] not in lexicon.words("adverbs") | {"not", "a", "the"}
        ):
            end = k + 1
        if end == k:
            return i
        pronoun = {"her": "she", "she": "she", "his": "he", "he": "he"}.get(word, "it")
        return self._give_name(sentence, (k, end), self._pronoun(pronoun, place, found), found)

    def _give_name(self, sentence: Sentence, span: Span, entity: Entity | None, found: Mentions) -> int:
        """Give somebody without a name the words of ``span`` for one; returns the token after them."""
        start, end = span
        if entity is not None and entity.unnamed and not entity.plural:
            self._registry.rename(entity, text_of(sentence, start, end))
            found.renamed.append((entity, start, end))
            found.items.append(Mention(start, end, entity, "name"))
        return end

    @staticmethod
    def _bare_name(sentence: Sentence, start: int) -> int:
        """Return the token after the name that "he's Eliseo, he's 92" gives without a word for it; ``start`` for no name."""
        end = read_name(sentence.tokens, start)
        told = sentence.norms[start:end]
        kinds = (
            lexicon.words("nationalities")
            | lexicon.words("languages")
            | lexicon.words("identities")
            | lexicon.words("jobs")
        )
        closed = sentence.norms[end : end + 1] in ((), (",",), (".",), ("and",), ("(",))
        return end if told and closed and not kinds.intersection(told) else start

    @staticmethod
    def _just_named(sentence: Sentence, i: int, word: str, found: Mentions) -> Entity | None:
        """ "Vera's new boss is Kim, she's 34": who was named right before the pronoun."""
        if i == 0 or sentence.norms[i - 1] not in (",", "(", "-", "—"):
            return None
        named = found.ending_at(i - 1)
        if named is None or named.kind in ("speaker", "pronoun") or named.entity.plural:
            return None
        fits = named.entity.gender in (None, word) and named.entity.label in ("Person", "Animal")
        return named.entity if fits and sentence.norms[named.start - 1 : named.start] not in (("and",),) else None

    def _pronoun(self, word: str, place: int, found: Mentions) -> Entity | None:
        """A pronoun means somebody of this sentence first, then of the ones before."""
        labels = ("Animal", "Organization") if word == "it" else ("Person", "Animal")
        here = [
            m.entity for m in found.items if m.kind != "speaker" and m.entity.label in labels and not m.entity.plural
        ]
        fitting = list(dict.fromkeys(e for e in here if word == "it" or e.gender in (None, word)))
        if len(fitting) > 1:
            told = [e for e in fitting if e.gender == word]
            subject = found.items[0].entity if found.items and found.items[0].start == 0 else None
            if subject in fitting:
                return subject
            return told[0] if len(told) == 1 else None
        return fitting[0] if fitting else self._registry.pronoun(word, place)

    def _unpossessed(self, sentence: Sentence, i: int, found: Mentions) -> int:
        """Read a name, "Mum", "Aunt Dorcas", "Boss is called Thandeka", "Ana's dog"."""
        norms = sentence.norms
        word = norms[i]
        opens = i == 0 or norms[i - 1] in EDGES
        if (
            word in lexicon.kin_words()
            and (i == 0 or norms[i - 1] not in _NOT_AFTER)
            and self._stands_for_own(sentence, i, opens)
        ):
            return self._relatives.read(sentence, i, i, self._speaker, found)
        if opens and word == "best" and norms[i + 1 : i + 2] in (("friend",), ("mate",)):
            return self._relatives.read(sentence, i, i, self._speaker, found)
        return self._name(sentence, i, found)

    def _stands_for_own(self, sentence: Sentence, i: int, opens: bool) -> bool:
        """Whether a relation word without "my" means the speaker's own."""
        norms, tokens = sentence.norms, sentence.tokens
        word, follower = norms[i], norms[i + 1] if i + 1 < len(norms) else "."
        named = i + 1 < len(tokens) and read_name(tokens, i + 1) > i + 1
        if named and word in _TITLED and (tokens[i].capital or opens):
            return True
        if word in _ADDRESSED and (tokens[i].capital or opens):
            return (
                follower in lexicon.finite_verbs()
                or follower in lexicon.words("adverbs")
                or (follower in (",", "and") and i > 0)
            )
        return word in _BARE and opens and (named or follower in lexicon.finite_verbs())

    def _name(self, sentence: Sentence, i: int, found: Mentions) -> int:
        norms = sentence.norms
        whole = end = read_name(sentence.tokens, i)
        if end == i and norms[i] in lexicon.given_names() and self._registry.known_name(norms[i]) is not None:
            end = i + 1
        entity = None
        while end > i and entity is None:
            entity = self._registry.known_name(text_of(sentence, i, end))
            end -= entity is None
        kind = "name"
        if entity is None and self._newcomers and whole > i and is_new_name(sentence, i, whole):
            entity, end, kind = self._registry.named(text_of(sentence, i, whole), "Person"), whole, "newcomer"
        if entity is None:
            return whole
        if norms[end : end + 2] in _FROM_WORK or norms[end : end + 3] in _FROM_WORK:
            entity = self._registry.relative(self._speaker, "colleague", text_of(sentence, i, end))
        found.items.append(Mention(i, end, entity, kind))
        if norms[end : end + 1] == ("'s",) and self._relatives.begins(norms, end + 1):
            return self._relatives.read(sentence, i, end + 1, entity, found)
        return end


def _is_of_a_pet_in_time(mention: Mention, norms: tuple[str, ...]) -> bool:
    """ "We lost Tuck in January" tells of a death; "I lost Tuck in the park" does not."""
    following = norms[mention.end : mention.end + 2]
    in_time = following[:1] in (("in",), ("at",), ("on",)) and following[1:] != () and following[1] in _TIMES
    return mention.entity.label == "Animal" and (in_time or following[:1] in (("last",), ("this",)))


_TIMES = MONTHS | SEASONS | DAYS | {"hogmanay", "thanksgiving", "passover", "diwali", "eid", "ramadan"}

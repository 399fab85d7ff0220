"""Who does it and whether it holds: the subject and the auxiliaries to the left of a trigger."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from extraction.local import lexicon
from extraction.local.entities import Entity
from extraction.local.frames import Match
from extraction.local.mentions import Mention, Mentions
from extraction.local.numbers import number
from extraction.local.tokens import Sentence
from extraction.records import FactStatus

_BE = frozenset("am is are 's was were be been being 're 'm".split())
_HAVE = frozenset("have has had 've".split())
_DO = frozenset("do does did".split())
_MODAL = frozenset("would could might may should must shall 'd".split())
_FUTURE = frozenset("will 'll".split())
_CAN = frozenset({"can", "ca"})
_NEGATION = frozenset("not never hardly no neither nt".split())
_NOR = frozenset({"nor", "neither"})
_LONGEST_ASIDE, _LONGEST_CLAUSE = 8, 14
_LIGHT = frozenset("get got getting gotten longer".split())
_ALL = _BE | _HAVE | _DO | _MODAL | _FUTURE | _CAN | _NEGATION | _LIGHT
_STOPPED = frozenset("stopped stop quit quitting ceased".split())
_GOING_ON = frozenset("started began keep keeps kept start starts".split())
_EDGES = frozenset({".", ";", ":", "!", "?", "-", "—", "–", "(", "…", "...", "/"})
_OPENERS = frozenset(
    "hi hey hello yes yeah yep no nope well so oh ok okay actually sorry btw also anyway fyi edit update ps "
    "p.s. honestly tbh ugh lol haha hmm um sure right yay omg wow context background".split()
)
_CONJUNCTIONS = frozenset({"and", "but", "or", ",", "then", "plus", "nor", "so", "though"})
_ELIDED = frozenset("live living love hate prefer own have drive enjoy work adore loathe speak".split())
_BARE_OPENINGS = frozenset(
    "moved living working born married just been recently currently turned started got based studying grew "
    "left sold bought love hate live work have own".split()
)
_PASSING = frozenset("a an the aged also my our".split())
_NOT_BEFORE_SUBJECT = frozenset(
    "of with for from like than about to by without including see tell ask meet visit help".split()
)


@dataclass(slots=True)
class Group:
    """What stands to the left of a trigger.

    Args:
        subject: who; None when nobody could be made out.
        start: first token of subject and auxiliaries.
        mention: the subject's mention, None when it was left out.
    """

    subject: Entity | None
    start: int
    mention: Mention | None = None
    elided: bool = False
    inherited: bool = False
    negated: bool = False
    past: bool = False
    perfect: bool = False
    be: bool = False
    did: bool = False
    unreal: bool = False
    would: bool = False
    can: bool = False
    used_to: bool = False
    no_longer: bool = False
    stopped: bool = False


class Groups:
    """Reads the verb groups of one sentence.

    Args:
        sentence, mentions: the sentence and whom it speaks of.
        speaker: who is meant when the subject is left out.
    """

    def __init__(self, sentence: Sentence, mentions: Mentions, speaker: Entity) -> None:
        self._sentence = sentence
        self._mentions = mentions
        self._speaker = speaker
        self._left_out_before = False

    def left_of(self, start: int, form: frozenset[str]) -> Group:
        """Return the group left of token ``start``.

        Args:
            start: the trigger's first token.
            form: the form of the trigger's verb; empty for none.
        """
        norms = self._sentence.norms
        group = Group(None, start)
        j = start - 1
        j = self._auxiliaries(group, j, form)
        group.start = j + 1
        mention = self._mentions.ending_at(j + 1)
        if j < 0:
            return self._left_out(group)
        word = norms[j]
        if mention is not None:
            if mention.start > 0 and norms[mention.start - 1] in _NOT_BEFORE_SUBJECT and mention.kind != "speaker":
                return group
            group.subject, group.mention, group.start = mention.entity, mention, mention.start
            if mention.start > 1 and norms[mention.start - 2] in _NOR and norms[mention.start - 1] in _ALL:
                group.negated = True
            return group
        if word in ("who", "that", "which"):
            return self._relative(group, j)
        if word == ")":
            return self._past_brackets(group, j)
        if word == "," and form != frozenset({"base"}):
            # "My sister, who lives in Bonn with her two kids, is": not the kids
            told = self._before(j, _LONGEST_CLAUSE, lambda opening: opening == "who")
            if told is not None:
                group.subject, group.mention, group.start = told.entity, told, told.start
                return group
        if (
            word == ","
            and not form
            and (named := self._mentions.ending_at(j)) is not None
            and named.kind not in ("speaker", "pronoun")
        ):
            group.subject, group.mention, group.start, group.be = named.entity, named, named.start, True
            return group
        apart = self._set_apart(j)
        if apart is not None and form != frozenset({"base"}):
            group.subject, group.mention, group.start = apart.entity, apart, apart.start
            return group
        if word in _CONJUNCTIONS:
            return self._inherit(group, j, form)
        if word in ("both", "all") and self._mentions.ending_at(j) is not None:
            mention = self._mentions.ending_at(j)
            if mention is not None:
                group.subject, group.mention, group.start = mention.entity, mention, mention.start
            return group
        if word in _EDGES or word in _OPENERS:
            return self._left_out(group)
        return group

    def _auxiliaries(self, group: Group, j: int, form: frozenset[str]) -> int:
        """Read auxiliaries, adverbs and negations right to left; returns the token where they begin, minus one."""
        norms = self._sentence.norms
        adverbs = lexicon.words("adverbs")
        while j >= 0:
            word = norms[j]
            if self._mentions.ending_at(j + 1) is not None:
                break
            if word in _ALL or word in adverbs or word in _STOPPED or word in _GOING_ON:
                if word in _STOPPED or word in _GOING_ON:
                    if "ing" not in form and form:
                        break
                    group.stopped = group.stopped or word in _STOPPED
                else:
                    self._note(group, word, j)
                j -= 1
            elif word == "to" and j > 0 and norms[j - 1] == "used":
                group.used_to = True
                j -= 2
            elif (
                word == "to"
                and j > 0
                and norms[j - 1]
                in (
                    "going",
                    "about",
                    "planning",
                    "want",
                    "hoping",
                    "like",
                    "love",
                    "need",
                    "have",
                    "trying",
                    "got",
                    "hope",
                )
            ):
                group.unreal = True
                j -= 2
            elif word == "up" and j > 0 and norms[j - 1] in ("gave", "given", "giving") and "ing" in form:
                group.stopped = True
                j -= 2
            elif (
                word == "and" and j + 1 < len(norms) and j > 0 and (norms[j - 1] in adverbs) and norms[j + 1] in adverbs
            ):
                j -= 1
            else:
                break
        return j

    def _note(self, group: Group, word: str, j: int) -> None:
        norms = self._sentence.norms
        if word in _NEGATION and not (word == "no" and norms[j + 1 : j + 2] != ("longer",)):
            group.negated = True
        if word == "longer" and j > 0 and norms[j - 1] == "no":
            group.no_longer = True
        group.be = group.be or word in _BE
        group.past = group.past or word in ("was", "were", "had")
        group.perfect = (
            group.perfect or word in ("have", "has", "'ve", "been") or (word == "'s" and "been" in norms[j + 1 : j + 4])
        )
        group.did = group.did or word == "did"
        if word in _FUTURE:
            group.unreal = True
        if word in _MODAL:
            if word == "'d" and norms[j + 1 : j + 2] in (("been",), ("had",), ("never",)):
                group.past = True
            else:
                group.would = True
        group.can = group.can or word in _CAN

    def _left_out(self, group: Group) -> Group:
        self._left_out_before = True
        group.elided = True
        group.subject = self._speaker
        return group

    def _set_apart(self, j: int) -> Mention | None:
        """ "Aurelio, our eldest, plays", "my brother Paul, a baker, lives", "my aunt Ruta in Kaunas is": who stands before
        what is told in passing and ends at ``j``."""
        norms, tokens = self._sentence.norms, self._sentence.tokens
        if norms[j] == ",":
            named = self._mentions.ending_at(j)
            if named is not None and "," in norms[named.start : named.end]:
                return named
            return self._before(j, _LONGEST_ASIDE, lambda word: word in _PASSING or number(word) is not None)
        k = j
        while k > 0 and j - k < 3 and tokens[k].capital:
            k -= 1
        return self._mentions.ending_at(k) if 0 < k < j and norms[k] in ("in", "from") else None

    def _before(self, j: int, longest: int, opens: Callable[[str], bool]) -> Mention | None:
        """Who stands before the comma with which what ends at the comma ``j`` began, when it ``opens`` with such a word."""
        norms = self._sentence.norms
        opening = next((k for k in range(j - 1, max(-1, j - longest), -1) if norms[k] == ","), None)
        if opening is None or not opens(norms[opening + 1]):
            return None
        named = self._mentions.ending_at(opening)
        return named if named is not None and named.kind != "speaker" else None

    def _past_brackets(self, group: Group, j: int) -> Group:
        """ "My nan Maureen (82) has decided": the subject stands before the brackets."""
        norms = self._sentence.norms
        opening = next((k for k in range(j, max(-1, j - 8), -1) if norms[k] == "("), None)
        mention = self._mentions.ending_at(opening) if opening is not None else None
        if mention is not None:
            group.subject, group.mention, group.start = mention.entity, mention, mention.start
        return group

    def _relative(self, group: Group, j: int) -> Group:
        norms = self._sentence.norms
        mention = self._mentions.ending_at(j) or (
            self._mentions.ending_at(j - 1) if j > 0 and norms[j - 1] in (",", "(", "-", "—") else None
        )
        if mention is not None:
            group.subject, group.mention, group.start = mention.entity, mention, mention.start
        return group

    def _inherit(self, group: Group, j: int, form: frozenset[str]) -> Group:
        """ "I live in Porto and work at Siemens": the subject of the nearest clause that agrees with the verb."""
        norms = self._sentence.norms
        for mention in sorted(self._mentions.items, key=lambda m: -m.start):
            if mention.end > j or not self._is_subject(mention):
                continue
            first = mention.kind == "speaker"
            if form and form <= {"s"} and first:
                continue
            if (
                form
                and "base" in form
                and not first
                and not mention.entity.plural
                and not (form & {"past", "participle"})
            ):
                continue
            group.subject, group.mention, group.inherited = mention.entity, mention, True
            self._take_over(group, mention.end, form, norms[j])
            return group
        if norms[j] in (",", "and", "but") and self._only_openers_before(j):
            return self._left_out(group)
        group.inherited = True
        opening = next((n for n in norms if n not in _OPENERS), "")
        if not any(self._is_subject(m) for m in self._mentions.items) and (
            opening in _BARE_OPENINGS or self._left_out_before or self._verbless(j)
        ):
            return self._left_out(group)
        return group

    def _verbless(self, j: int) -> bool:
        """ "Retired, divorced, obsessed with orchids": nobody else is spoken of."""
        before = self._sentence.norms[:j]
        others = ("she", "he", "they", "it", "you", "this", "that", "the", "everyone", "people")
        if any(token.capital for token in self._sentence.tokens[1:j]):
            return False
        return not any(m.end <= j for m in self._mentions.items) and not any(
            n in lexicon.finite_verbs() or n in others for n in before
        )

    def _only_openers_before(self, j: int) -> bool:
        return all(n in _OPENERS or n in _EDGES or n == "," for n in self._sentence.norms[:j])

    def _is_subject(self, mention: Mention) -> bool:
        norms = self._sentence.norms
        if mention.end >= len(norms):
            return False
        if mention.start > 0 and norms[mention.start - 1] in _NOT_BEFORE_SUBJECT and norms[mention.end] not in ("who",):
            return False
        follower = norms[mention.end]
        return (
            follower in lexicon.finite_verbs()
            or follower in lexicon.words("adverbs")
            or follower in ("who", "'m", "'ve", "'s", "'d", "'ll")
        )

    def _take_over(self, group: Group, i: int, form: frozenset[str], conjunction: str) -> None:
        """A bare verb after "and" shares the auxiliaries of the verb before ("used to live ... and work ...")."""
        norms = self._sentence.norms
        if form and "base" not in form:
            if "ing" in form and any(n in _BE for n in norms[i : i + 3]):
                group.be = True
            return
        shared = norms[i : i + 5]
        for k, word in enumerate(shared):
            if (
                word not in _ALL
                and word not in lexicon.words("adverbs")
                and word not in ("used", "to", "want", "going")
            ):
                break
            if word == "used" and shared[k + 1 : k + 2] == ("to",):
                group.used_to = True
            elif (word == "to" and shared[k - 1 : k] != ("used",)) or (form and (word in _FUTURE or word in _MODAL)):
                group.unreal = True
            elif word in _NEGATION and conjunction in ("or", "nor"):
                group.negated = True
            elif not form:
                self._note(group, word, i + k)
        if not form:
            group.negated = group.negated and conjunction in ("or", "nor")


def is_we(group: Group, sentence: Sentence) -> bool:
    """Whether the subject is "we": what several are or are called is not known of each."""
    return group.mention is not None and sentence.norms[group.mention.start] == "we"


def status_of(match: Match, group: Group, sentence: Sentence) -> FactStatus | None:
    """Return what a match says of its fact; None when it says nothing for sure.

    Args:
        match: the frame in the sentence.
        group: what stands left of it.
        sentence: the sentence.
    """
    frame, form = match.variant.frame, match.form
    if group.unreal or (group.would and not frame.would):
        return None
    if group.can and not frame.can:
        return None
    if group.elided and not _may_be_left_out(match, group, sentence):
        return None
    if frame.event and sentence.norms[match.start - 1 : match.start] in (("nearly",), ("almost",)):
        return None
    if frame.event and group.negated:
        return FactStatus.NEGATED if frame.deny and not group.did else None
    anymore = _anymore(sentence, match.end)
    if group.no_longer or (group.negated and anymore):
        return FactStatus.ENDED
    if group.negated:
        got_in = sentence.norms[match.start] == "into" and sentence.norms[max(0, match.start - 1)] in _LIGHT
        return FactStatus.NEGATED if frame.deny and not got_in else None
    if group.used_to or group.stopped:
        return FactStatus.ENDED
    if frame.event:
        if form and form <= {"ing"} and not group.perfect:
            return None
        if form and form <= {"base", "s"} and not group.did:
            return None
        return FactStatus.CURRENT
    if match.variant.subject == "Sbe":
        if (
            not group.be
            and not group.elided
            and not group.inherited
            and "get" not in sentence.norms[max(0, match.start - 1) : match.start]
        ):
            return None
        return FactStatus.ENDED if group.past else FactStatus.CURRENT
    if group.past or group.did:
        return FactStatus.ENDED
    if form and not form & {"base", "s", "ing"} and not group.perfect and not group.be:
        return FactStatus.ENDED
    return FactStatus.CURRENT


def _may_be_left_out(match: Match, group: Group, sentence: Sentence) -> bool:
    frame, form = match.variant.frame, match.form
    if not frame.elide:
        return False
    if not form:
        return True
    if form <= {"s"}:
        return False
    word = sentence.norms[match.start]
    return not form <= {"base"} or group.negated or group.perfect or word in _ELIDED


def _anymore(sentence: Sentence, end: int) -> bool:
    tail = sentence.norms[max(0, end - 2) : end + 4]
    if "nowadays" in tail or ("these", "days") in itertools.pairwise(tail):
        return True
    return "anymore" in tail or "now" in tail or ("any" in tail and ("more" in tail or "longer" in tail))

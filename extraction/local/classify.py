"""What "I'm a ..." and "I have a ..." tell: the predicate is in the words themselves."""

from __future__ import annotations

from extraction.local import checks, lexicon
from extraction.local.tokens import Sentence, Span

_RETIRED = frozenset({"retired", "former", "ex", "late"})
_POORLY = frozenset("terrible lousy bad awful good great decent poor mediocre hopeless rubbish useless".split())
_DOERS = frozenset("cook driver decorator gardener baker singer dancer writer swimmer painter photographer".split())
"""What somebody does more or less well at home."""
_VAGUE = frozenset(
    "model guide guard judge cook lead buyer keeper server master temp quant worker groom bard ranger wizard player".split()
)
_DIGITS = frozenset("0123456789")


def being(sentence: Sentence, span: Span, label: str) -> tuple[str, bool, Span] | None:
    """Return predicate, whether it is over, and the words that count, of a phrase after "is"; None when it tells nothing lasting.

    Args:
        sentence: the sentence.
        span: the phrase's tokens, without article.
        label: the label of who is meant.
    """
    start, end = span
    norms = sentence.norms[start:end]
    over = False
    while len(norms) > 1 and (
        norms[0] in _RETIRED or norms[0] in ("now", "only", "proud", "happy", "fellow", "mere", "simple", "humble")
    ):
        over = over or norms[0] in _RETIRED
        start += 1
        norms = norms[1:]
    if norms[0].startswith("ex-"):
        return None
    if label == "Animal":
        return ("IS_A", False, (start, end)) if norms[-1] in lexicon.animals() else None
    if not (norms[0][0].isalpha() or norms[0][0] in _DIGITS):
        return None
    if norms[-1] in lexicon.words("identities") and len(norms) <= 2 and not over:
        return "IS_A", False, (start, end)
    if len(norms) == 1 and norms[0] in lexicon.words("nationalities") and not over:
        return "IS_A", False, (start, end)
    if _is_titled(sentence, (start, end)):
        return None
    if (
        checks.condition_head(norms)
        and norms[-1] not in ("nurse", "doctor", "specialist", "researcher", "therapist")
        and checks.job_head(norms) is None
    ):
        return "HAS_CONDITION", over, (start, end)
    if norms[0] in _POORLY and len(norms) == 2 and norms[1] in _DOERS:
        return None
    if label == "User" and checks.is_several(norms[-1]):
        return None
    if checks.job_head(norms) is not None and (norms[-1] not in _VAGUE or len(norms) > 1 or label != "User"):
        return "WORKS_AS", over, (start, end)
    return None


def _is_titled(sentence: Sentence, span: Span) -> bool:
    """ "a lady called Ms Khan" has no multiple sclerosis."""
    return any(token.text in ("Ms", "Ms.") for token in sentence.tokens[span[0] : span[1]])


def having(sentence: Sentence, span: Span) -> str | None:
    """Return the predicate of a phrase after "have"; None when it tells nothing lasting.

    Args:
        sentence: the sentence.
        span: the phrase's tokens, without article.
    """
    norms = sentence.norms[span[0] : span[1]]
    if not norms or norms[0].endswith("ed") or norms[0] in _PARTICIPLES:
        return None
    if norms[-1] in ("allergy", "allergies") and len(norms) > 1:
        return "ALLERGIC_TO"
    if checks.condition_head(norms):
        return "HAS_CONDITION"
    last = norms[-1]
    things = lexicon.words("possessions")
    if (
        last in things
        or "-".join(norms[-2:]) in things
        or (last.endswith("s") and last[:-1] in things)
        or norms[0] in _BRANDS
    ):
        return "OWNS"
    return None


_PARTICIPLES = frozenset(forms[4] for forms in lexicon.verb_variants())
_BRANDS = frozenset(
    "tesla honda toyota ford bmw audi jeep volvo mercedes volkswagen vw fiat renault peugeot skoda kia hyundai "
    "mazda subaru nissan porsche samsung macbook thinkpad kindle pixel iphone ipad".split()
)

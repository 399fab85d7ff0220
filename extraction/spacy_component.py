"""The extractors as a spaCy component, ``graphmem_facts``.

spaCy finds the component by an entry point; nothing has to be imported for ``nlp.add_pipe("graphmem_facts")``.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from spacy.language import Language
from spacy.tokens import Doc, Span

from extraction.base import Extractor
from extraction.local.extractor import LocalExtractor, RuleExtractor
from extraction.records import EntityMention, ExtractedFact, FactStatus, Turn

NAME = "graphmem_facts"
"""The component's name for ``add_pipe``, and the key of its data in ``doc.user_data``."""

SPANS = "facts"
"""The key of its spans in ``doc.spans``."""

_OFFLINE = {"local": LocalExtractor, "rules": RuleExtractor}
_T = TypeVar("_T")


class FactsComponent:
    """Reads every doc as one message of the user.

    Sets ``doc._.facts``, a tuple of `ExtractedFact` in the order of the text, and ``doc.spans["facts"]``, for each of them
    the span of its object, labelled with the predicate; where the text does not name the object, the span of its evidence.
    Changes nothing else. The docs of a pipe are messages by themselves: none is read in the light of another.

    Args:
        extractor: "local", "rules", or what reads the text; it must not wait for anything (`LocalExtractor` and
            `RuleExtractor` do not).

    Raises:
        ValueError: there is no extractor of that name.
    """

    def __init__(self, extractor: str | Extractor) -> None:
        self.read_with(extractor)

    def read_with(self, extractor: str | Extractor) -> None:
        """Read with another extractor from now on; see the class."""
        if isinstance(extractor, str) and extractor not in _OFFLINE:
            raise ValueError(f"{NAME}: no extractor {extractor!r}; give one of {', '.join(sorted(_OFFLINE))}")
        self._given = extractor
        self.extractor: Extractor = _OFFLINE[extractor]() if isinstance(extractor, str) else extractor

    def __reduce__(self) -> tuple[type[FactsComponent], tuple[str | Extractor]]:
        """Go to another process as a name where there is one: an open model cannot be sent."""
        return FactsComponent, (self._given,)

    def __call__(self, doc: Doc) -> Doc:
        """Read a doc; returns it with its facts.

        Raises:
            TypeError: the extractor waits for something, as one that asks a language model does.
        """
        turns = [Turn("user", doc.text)]
        if isinstance(self.extractor, RuleExtractor):
            facts = self.extractor.read(turns).facts
        else:
            facts = _without_waiting(self.extractor.extract(turns)).facts
        doc._.facts = facts
        doc.spans[SPANS] = list(_spans(doc, facts))
        return doc


def pipeline(extractor: str | Extractor = "local") -> Language:
    """Return a spaCy pipeline for English whose docs carry facts: ``doc._.facts`` and ``doc.spans["facts"]``.

    Args:
        extractor: "local", "rules", or an extractor that waits for nothing, such as
            ``RuleExtractor(catalogue=..., frames=...)``. A pipeline that is written to disk remembers the two names only.

    Raises:
        ValueError: there is no extractor of that name.

    >>> doc = pipeline("rules")("I live in Porto and I like tea.")
    >>> [(span.text, span.label_) for span in doc.spans["facts"]]
    [('Porto', 'LIVES_IN'), ('tea', 'LIKES')]
    """
    import spacy

    nlp = spacy.blank("en")
    if isinstance(extractor, str):
        nlp.add_pipe(NAME, config={"extractor": extractor})
    else:
        component = nlp.add_pipe(NAME)
        assert isinstance(component, FactsComponent)  # noqa: S101 - it is the factory below that made it
        component.read_with(extractor)
    return nlp


@Language.factory(NAME, default_config={"extractor": "local"}, assigns=["doc._.facts", "doc.spans"])
def make_component(nlp: Language, name: str, extractor: str) -> FactsComponent:
    """Make the component for ``nlp.add_pipe("graphmem_facts", config={"extractor": ...})``.

    Args:
        nlp: the pipeline, of any language.
        name: the component's name in it.
        extractor: "local" or "rules".

    Raises:
        ValueError: there is no extractor of that name.
    """
    return FactsComponent(extractor)


def _without_waiting(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that waits for nothing. This needs no event loop, so that one may be running already."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    coroutine.close()
    raise TypeError(
        f"{NAME} runs extractors that wait for nothing, as LocalExtractor and RuleExtractor: await another's extract() yourself"
    )


def _spans(doc: Doc, facts: Iterable[ExtractedFact]) -> Iterator[Span]:
    """Yield the span of each fact. Facts stand in the order of the text, so each is looked for from the last one on."""
    text, onwards = doc.text, 0
    for fact in facts:
        begin, end = _evidence(fact, text, onwards)
        onwards = begin if fact.evidence else onwards
        names = (fact.object.name, *fact.object.aliases)
        found = next((place for name in names if (place := _place(name, text[begin:end]))), (0, end - begin))
        span = doc.char_span(begin + found[0], begin + found[1], label=fact.predicate, alignment_mode="expand")
        yield span or Span(doc, 0, len(doc), label=fact.predicate)


def _evidence(fact: ExtractedFact, text: str, onwards: int) -> tuple[int, int]:
    """Return where the evidence stands: from ``onwards`` on if it can, else anywhere; without any it is the whole text."""
    begin = text.find(fact.evidence, onwards)
    begin = begin if begin >= 0 else text.find(fact.evidence)
    return (begin, begin + len(fact.evidence)) if fact.evidence and begin >= 0 else (0, len(text))


def _place(words: str, text: str) -> tuple[int, int] | None:
    """Return where words stand in a text, whatever their case; a verb phrase may stand there in another form."""
    first, _, rest = words.partition(" ")
    inflected = rf"(?<!\w){re.escape(first[: max(3, len(first) - 1)])}\w{{0,5}} {re.escape(rest)}(?!\w)"
    for pattern in (rf"(?<!\w){re.escape(words)}(?!\w)", re.escape(words), *([inflected] if rest else [])):
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            return found.span()
    return None


def _facts(doc: Doc) -> tuple[ExtractedFact, ...]:
    return tuple(_unpacked(packed) for packed in doc.user_data.get(NAME, ()))


def _keep(doc: Doc, facts: Sequence[ExtractedFact]) -> None:
    """Keep facts as plain values: docs are written to bytes between processes and in a DocBin."""
    doc.user_data[NAME] = [{**asdict(fact), "status": str(fact.status)} for fact in facts]


def _unpacked(packed: dict[str, Any]) -> ExtractedFact:
    ends = {
        end: EntityMention(**{**packed[end], "aliases": tuple(packed[end]["aliases"])}) for end in ("subject", "object")
    }
    return ExtractedFact(**{**packed, **ends, "status": FactStatus(packed["status"])})


if not Doc.has_extension("facts"):
    Doc.set_extension("facts", getter=_facts, setter=_keep)

"""The short form that people use for a longer name: "Ana" for Ana Silva, "King Faisal" for King Faisal Hospital."""

from __future__ import annotations

from extraction.names import normalize_name

_TITLES = frozenset("mr mrs ms miss dr prof professor sir madam aunt auntie uncle father sister brother".split())
_KINDS_OF_ORGANIZATION = frozenset(
    """hospital clinic university college school academy institute bank hotel restaurant cafe bakery pharmacy labs lab studio
    studios group company corporation corp co inc ltd llc plc gmbh ag sa foundation agency airlines airways""".split()
)


def short_form(label: str, name: str) -> str | None:
    """Return the normalised short form of a name, or None when it has none.

    A person's is the first name; an organisation's is the name without the words for its kind at the end. A title is no
    first name ("Mrs Naidoo"). Other kinds of entities have none: "York" is not New York.
    """
    words = normalize_name(name).split()
    if label == "Person":
        return words[0] if 1 < len(words) <= 4 and words[0].rstrip(".") not in _TITLES and words[0].isalpha() else None
    if label != "Organization":
        return None
    kept = list(words)
    while len(kept) > 1 and kept[-1].strip(".,") in _KINDS_OF_ORGANIZATION:
        kept.pop()
    short = " ".join(kept).rstrip(",").removesuffix(" of").removeprefix("the ")
    return short if short != " ".join(words) and len(short) > 2 else None

"""Words for people and animals by their relation to somebody ("sister", "boss", "dog"): what they say and whom they identify."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.names import normalize_name


@dataclass(frozen=True, slots=True)
class Role:
    """A relation word.

    Args:
        predicate: the relation from the owner to the person or animal.
        canonical: the word that stands for all its synonyms ("mother" for mom, mum, mama).
        unique: one has one at a time: the newest bearer is meant.
        identifying: the word alone means somebody known: "my sister" does while one sister is known; "my friend" does not.
    """

    predicate: str
    canonical: str
    unique: bool = False
    identifying: bool = True


# synonyms, the canonical word first; "!" marks words of which one has one at a time, "?" those that identify nobody
_ROLES: tuple[tuple[str, str], ...] = (
    ("MARRIED_TO", "!wife wifey missus"),
    ("MARRIED_TO", "!husband hubby"),
    ("MARRIED_TO", "!spouse"),
    ("PARTNER_OF", "!partner companion so"),
    ("PARTNER_OF", "!girlfriend gf"),
    ("PARTNER_OF", "!boyfriend bf fella"),
    ("PARTNER_OF", "!fiancee fiancée"),
    ("PARTNER_OF", "!fiance fiancé"),
    ("HAS_PARENT", "!mother mom mum mama mamma mommy mummy mam ma amma mamá"),
    ("HAS_PARENT", "!father dad papa pappa daddy pa pop appa papá"),
    ("HAS_PARENT", "stepmother stepmom stepmum"),
    ("HAS_PARENT", "stepfather stepdad"),
    ("HAS_CHILD", "son boy"),
    ("HAS_CHILD", "daughter girl"),
    ("HAS_CHILD", "child kid baby toddler teenager"),
    ("HAS_CHILD", "eldest"),
    ("HAS_CHILD", "youngest"),
    ("HAS_CHILD", "stepson"),
    ("HAS_CHILD", "stepdaughter"),
    ("HAS_SIBLING", "sister sis"),
    ("HAS_SIBLING", "brother bro"),
    ("HAS_SIBLING", "sibling"),
    ("HAS_SIBLING", "twin"),
    ("HAS_SIBLING", "stepsister"),
    ("HAS_SIBLING", "stepbrother"),
    ("HAS_SIBLING", "half-sister"),
    ("HAS_SIBLING", "half-brother"),
    ("HAS_RELATIVE", "grandmother grandma granny nana gran nan"),
    ("HAS_RELATIVE", "grandfather grandpa granddad grandad"),
    ("HAS_RELATIVE", "grandson"),
    ("HAS_RELATIVE", "granddaughter"),
    ("HAS_RELATIVE", "?grandchild"),
    ("HAS_RELATIVE", "?uncle"),
    ("HAS_RELATIVE", "?aunt auntie aunty"),
    ("HAS_RELATIVE", "?cousin"),
    ("HAS_RELATIVE", "?niece"),
    ("HAS_RELATIVE", "?nephew"),
    ("HAS_RELATIVE", "mother-in-law mil"),
    ("HAS_RELATIVE", "father-in-law fil"),
    ("HAS_RELATIVE", "?sister-in-law"),
    ("HAS_RELATIVE", "?brother-in-law"),
    ("HAS_RELATIVE", "son-in-law"),
    ("HAS_RELATIVE", "daughter-in-law"),
    ("HAS_RELATIVE", "godmother"),
    ("HAS_RELATIVE", "godfather"),
    ("HAS_RELATIVE", "?godson"),
    ("HAS_RELATIVE", "?goddaughter"),
    ("HAS_RELATIVE", "?great-aunt"),
    ("HAS_RELATIVE", "?great-uncle"),
    ("HAS_FRIEND", "?friend buddy pal mate bestie"),
    ("HAS_FRIEND", "best friend"),
    ("RELATED_TO", "?neighbour neighbor"),
    ("RELATED_TO", "roommate flatmate housemate"),
    ("HAS_COLLEAGUE", "?colleague coworker co-worker workmate teammate"),
    ("HAS_COLLEAGUE", "?assistant"),
    ("HAS_COLLEAGUE", "co-founder cofounder"),
    ("HAS_COLLEAGUE", "!boss manager supervisor"),
    ("HAS_PET", "dog puppy pup doggo"),
    ("HAS_PET", "cat kitten kitty"),
    ("HAS_PET", "pet"),
)


BETWEEN_PEOPLE = frozenset(
    "MARRIED_TO PARTNER_OF HAS_CHILD HAS_PARENT HAS_SIBLING HAS_RELATIVE HAS_FRIEND HAS_COLLEAGUE".split()
)
"""The relations between people."""
TIES = BETWEEN_PEOPLE | {"HAS_PET"}
"""The relations to people and pets."""
COUPLE = frozenset({"MARRIED_TO", "PARTNER_OF"})
"""The relations of a couple."""


def _table() -> dict[str, Role]:
    table: dict[str, Role] = {}
    for predicate, words in _ROLES:
        plain = words.lstrip("!?")
        synonyms = [plain] if " " in plain and plain.startswith("best") else plain.split()
        role = Role(predicate, synonyms[0], unique=words[0] == "!", identifying=words[0] != "?")
        table.update({normalize_name(word): role for word in synonyms})
    return table


ROLES = _table()


def role_of(word: str) -> Role | None:
    """Return the role that ``word`` names; of a chain ("sister's boyfriend") and of qualified words ("older sister")
    the last word decides. None when it is no relation word."""
    key = normalize_name(word)
    return ROLES.get(key) or (ROLES.get(key.rsplit(" ", 1)[-1]) if " " in key else None)


def same_person(first: str, second: str) -> bool:
    """Whether one person may bear both relation words: a friend may be a colleague, a sister is no colleague of one's own.

    Blood relations exclude every other word but their synonyms; the words for people one has chosen exclude only those.
    """
    a, b = role_of(first), role_of(second)
    if a is None or b is None or a.predicate == b.predicate:
        return True
    return a.predicate not in _BLOOD and b.predicate not in _BLOOD


_BLOOD = frozenset({"HAS_PARENT", "HAS_CHILD", "HAS_SIBLING", "HAS_RELATIVE", "HAS_PET"})

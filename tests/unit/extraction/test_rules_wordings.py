"""Every predicate of the catalogue in its plain wordings, as people type them."""

from __future__ import annotations

import pytest
from rules_reading import read

PLAIN = [
    ("My name is Ingrid Solheim.", {"user HAS_NAME Ingrid Solheim"}),
    ("im tomasz btw", {"user HAS_NAME tomasz"}),
    ("Please call me Bea.", {"user HAS_NAME Bea"}),
    ("I'm 52 and still learning.", {"user HAS_AGE 52"}),
    ("I turned thirty-one yesterday", {"user HAS_AGE thirty-one"}),
    ("My birthday is on 4 July.", {"user BORN_ON 4 July"}),
    ("I was born in Montevideo.", {"user BORN_IN Montevideo"}),
    ("I was born on 9 June 1984 in Tampere", {"user BORN_ON 9 June 1984", "user BORN_IN Tampere"}),
    ("I'm from Valparaíso.", {"user COMES_FROM Valparaíso"}),
    ("I grew up in Leeds.", {"user COMES_FROM Leeds"}),
    ("i live in bergen", {"user LIVES_IN bergen"}),
    ("I live in New York", {"user LIVES_IN New York"}),
    ("i live in new zealand", {"user LIVES_IN new zealand"}),
    ("I came from Dakar", {"user COMES_FROM Dakar"}),
    ("We're based in Tartu.", {"user LIVES_IN Tartu"}),
    ("Living in Turin since March", {"user LIVES_IN Turin"}),
    ("I'm a member of FitX.", {"user MEMBER_OF FitX"}),
    ("I work at Mercy Hospital", {"user WORKS_AT Mercy Hospital"}),
    ("I work as a carpenter", {"user WORKS_AS carpenter"}),
    ("I'm a senior nurse at Mercy Hospital.", {"user WORKS_AS senior nurse", "user WORKS_AT Mercy Hospital"}),
    ("I study geology at the University of Leeds", {"user STUDIES geology", "user STUDIES_AT University of Leeds"}),
    ("I graduated from Kyoto University", {"user STUDIES_AT Kyoto University ended"}),
    ("I'm married to Oluwaseun.", {"user MARRIED_TO Oluwaseun"}),
    ("I'm dating Mikkel", {"user PARTNER_OF Mikkel"}),
    ("I love sourdough bread and long walks.", {"user LIKES sourdough bread", "user LIKES long walks"}),
    ("I can't stand coriander", {"user DISLIKES coriander"}),
    ("I don't like mushrooms", {"user DISLIKES mushrooms"}),
    ("I prefer trains to planes", {"user PREFERS trains"}),
    ("I own an electric bike", {"user OWNS electric bike"}),
    ("I use Emacs on my laptop", {"user USES Emacs"}),
    ("i'm allergic to peanuts and latex", {"user ALLERGIC_TO peanuts", "user ALLERGIC_TO latex"}),
    ("I have asthma.", {"user HAS_CONDITION asthma"}),
    ("I was diagnosed with coeliac disease", {"user HAS_CONDITION coeliac disease"}),
    ("I speak Finnish and a bit of Sami", {"user SPEAKS Finnish", "user SPEAKS Sami"}),
    ("I play the cello", {"user PLAYS cello"}),
    ("I've been to Iceland", {"user VISITED Iceland"}),
    ("I'm planning to run a marathon", {"user PLANS_TO run a marathon"}),
    ("I'm a member of the Alpine Club", {"user MEMBER_OF Alpine Club"}),
    ("I'm vegetarian", {"user IS_A vegetarian"}),
    ("Our office is in Tilburg.", {"office LOCATED_IN Tilburg"}),
]

STATES = [
    ("I used to live in Graz.", {"user LIVES_IN Graz ended"}),
    ("I no longer live in Graz", {"user LIVES_IN Graz ended"}),
    ("I don't use Slack anymore", {"user USES Slack ended"}),
    ("I stopped playing tennis", {"user PLAYS tennis ended"}),
    ("I worked at Nokia", {"user WORKS_AT Nokia ended"}),
    ("I've worked at Nokia since 2019", {"user WORKS_AT Nokia"}),
    ("I was a teacher", {"user WORKS_AS teacher ended"}),
    ("I'm a retired teacher", {"user WORKS_AS teacher ended"}),
    ("I don't own a car", {"user OWNS car negated"}),
    ("I dont speak german", {"user SPEAKS german negated"}),
    ("I've never been to Japan", {"user VISITED Japan negated"}),
    ("I sold my motorbike", {"user OWNS motorbike ended"}),
    ("My ex-wife Dana lives in Lyon", {"user MARRIED_TO Dana ended", "Dana LIVES_IN Lyon"}),
    ("We lost our dog Bruno", {"user HAS_PET Bruno ended", "Bruno IS_A dog"}),
    ("quit my job at tesco today!!", {"user WORKS_AT tesco ended"}),
    ("I dropped out of Purdue", {"user STUDIES_AT Purdue ended"}),
]

SEVERAL = [
    (
        "I live in Porto and work at Siemens as a data engineer",
        {"user LIVES_IN Porto", "user WORKS_AT Siemens", "user WORKS_AS data engineer"},
    ),
    ("I speak French and German", {"user SPEAKS French", "user SPEAKS German"}),
    ("I like tea but my wife hates it", {"user LIKES tea", "user MARRIED_TO wife"}),
    ("Moved to Faro, bought a boat", {"user LIVES_IN Faro", "user OWNS boat"}),
    (
        "im ana, 34, nurse, and i live in faro",
        {"user HAS_NAME ana", "user HAS_AGE 34", "user WORKS_AS nurse", "user LIVES_IN faro"},
    ),
]


@pytest.mark.parametrize(("text", "facts"), [*PLAIN, *STATES, *SEVERAL])
def test_a_wording_gives_exactly_these_facts(text: str, facts: set[str]) -> None:
    """The whole answer is compared: a fact too many is an error as well."""
    assert read(text) == facts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I plan on moving to Ghent in May.", {"user PLANS_TO move to Ghent"}),
        ("I plan on Friday to see it.", set()),
        ("My fiancee is Mirela.", {"user PARTNER_OF Mirela"}),
        ("We had to put our dog down.", {"user HAS_PET dog ended"}),
        ("I left Deloitte after ten years.", {"user WORKS_AT Deloitte ended"}),
        ("I left Porto in March.", set()),
        ("I left Tom at home.", set()),
    ],
)
def test_reads_plans_engagements_and_endings(text: str, expected: set[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I've a master's in botany from Ghent.", {"user STUDIES botany ended", "user STUDIES_AT Ghent ended"}),
        ("I'm doing a master's in botany.", {"user STUDIES botany"}),
        ("I like autumn better than spring.", {"user PREFERS autumn"}),
        ("I don't play squash these days.", {"user PLAYS squash ended"}),
        ("I nearly moved to Oslo.", set()),
        ("The bot keeps calling me Svetlana.", set()),
        ("My mates call me Svetlana.", {"user HAS_NAME Svetlana"}),
        ("I'm a member of Oxfam.", {"user MEMBER_OF Oxfam"}),
        ("I'm gonna freeze.", set()),
        ("She isn't my mother, he is not my brother.", set()),
        ("I'm pregnant.", {"user HAS_CONDITION pregnant"}),
    ],
)
def test_reads_states_and_endings_as_they_are_meant(text: str, expected: set[str]) -> None:
    assert read(text) == expected

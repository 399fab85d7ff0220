"""Each stage of the pipeline alone."""

from __future__ import annotations

import pytest

from extraction import FactStatus
from extraction.local import confidence, objects
from extraction.local.candidates import Candidate
from extraction.local.entities import Entity, Registry
from extraction.local.finder import MentionFinder
from extraction.local.frames import Frame, FrameIndex, compile_frame
from extraction.local.gate import Mood, moods
from extraction.local.normalise import normalise
from extraction.local.numbers import number
from extraction.local.quoted import quoted_spans
from extraction.local.tokens import Sentence, sentences


def sentence(text: str) -> Sentence:
    (found,) = sentences(normalise(text))
    return found


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("I’m “fine” – really", 'I\'m "fine" - really'),
        ("a\u200bb\x00c\ud800d", "a b c d"),
        ("tab\tand\r\nline", "tab and \nline"),
        ("Zoë 😂", "Zoë 😂"),
    ],
)
def test_normalising_keeps_every_character_in_its_place(raw: str, clean: str) -> None:
    assert normalise(raw) == clean
    assert len(clean) == len(raw)


def test_chat_spellings_are_written_out() -> None:
    assert sentence("im sure u dont have 2 dogs & a cat").norms == (
        "i", "am", "sure", "you", "do", "not", "have", "2", "dogs", "and", "a", "cat",
    )  # fmt: skip


def test_words_with_hyphens_stay_whole() -> None:
    assert sentence("my sister-in-law").norms == ("my", "sister-in-law")


def test_sentences_end_at_signs_and_lines() -> None:
    assert [s.norms[0] for s in sentences("One. Two! three\nfour Dr. Who")] == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He said "I live in Rome" loudly', '"I live in Rome"'),
        ("It's Ana's dog, 'I live in Rome' she wrote", "'I live in Rome'"),
        ("Translate: I live in Rome", " I live in Rome"),
        ("code `x = my dog` here", "`x = my dog`"),
        ("> a quoted line", "> a quoted line"),
        ("the 'Red Lion' in town", ""),
        ("Write my cover letter: I live in Rome", ""),
    ],
)
def test_what_is_quoted(text: str, quoted: str) -> None:
    assert "".join(text[a:b] for a, b in quoted_spans(text)) == quoted


@pytest.mark.parametrize(
    ("text", "word", "mood"),
    [
        ("I live in Rome", "live", Mood.STATED),
        ("do I live in Rome", "live", Mood.ASKED),
        ("I live in Rome?", "live", Mood.ASKED),
        ("give me a recipe, I live in Rome", "live", Mood.STATED),
        ("give me a recipe", "recipe", Mood.REQUESTED),
        ("if I live in Rome", "live", Mood.SUPPOSED),
        ("my boss thinks I live in Rome", "live", Mood.REPORTED),
    ],
)
def test_moods(text: str, word: str, mood: Mood) -> None:
    words = sentence(text)
    assert moods(words, [])[words.norms.index(word)] is mood


def test_mentions_and_their_links() -> None:
    registry = Registry()
    found = MentionFinder(registry, registry.user).find(sentence("My boss's dog Rex and my sister Ana"), 0)
    assert [(m.entity.name, m.kind) for m in found.items] == [
        ("boss", "relative"),
        ("Rex", "relative"),
        ("Ana", "relative"),
    ]
    assert [(link.owner.name, link.predicate, link.entity.name) for link in found.links] == [
        ("User", "HAS_COLLEAGUE", "boss"),
        ("boss", "HAS_PET", "Rex"),
        ("User", "HAS_SIBLING", "Ana"),
    ]


@pytest.mark.parametrize(
    ("text", "start", "kind", "spans"),
    [
        ("the old town and a bike", 0, "np", ["old town", "bike"]),
        ("tea and my wife likes coffee", 0, "act", ["tea"]),
        ("Porto since May", 0, "place", ["Porto"]),
        ("a bakery called Levain & Co on Monday", 0, "org", ["Levain & Co"]),
        ("a choir called Northern Lights and a bike", 0, "group", ["Northern Lights"]),
        ("Blender all day", 0, "np", ["Blender"]),
        ("the Red Cross", 0, "place", []),
        ("the Netherlands", 0, "place", ["Netherlands"]),
        ("run a marathon next year", 0, "vp", ["run a marathon"]),
        ("34 years old", 0, "age", ["34"]),
        ("34 minutes late", 0, "age", []),
        ("3 March 1990 in Graz", 0, "date", ["3 March 1990"]),
    ],
)
def test_objects(text: str, start: int, kind: str, spans: list[str]) -> None:
    words = sentence(text)
    found, _ = objects.read(words, start, kind)
    assert [text[slice(*words.span(a, b))] for a, b in found] == spans


@pytest.mark.parametrize(
    ("word", "value"), [("34", 34), ("seven", 7), ("thirty-three", 33), ("dog", None), ("٣", None)]
)
def test_numbers(word: str, value: int | None) -> None:
    assert number(word) == value


def test_optional_parts_of_a_frame_give_its_variants() -> None:
    variants = compile_frame(Frame("S work+ at|for {WORKS_AT} [as {WORKS_AS}]"))
    assert [len(v.elements) for v in variants] == [5, 3]


def test_a_frame_matches_over_adverbs() -> None:
    index = FrameIndex([Frame("S work+ for {WORKS_AT}")])
    (match,) = index.find(sentence("I work mostly for Siemens"))
    assert match.filled[0][1] == ((4, 5),)


@pytest.mark.parametrize("pattern", ["{LIVES_IN}", "S live {lives}", "S live {LIVES_IN:nonsense}", "[word]", ""])
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="frame"):
        FrameIndex([Frame(pattern)])


def test_confidences_combine() -> None:
    assert confidence.combined([0.8, 0.5]) == pytest.approx(0.9)
    assert confidence.of_frame(0.9, inherited=True) < confidence.of_frame(0.9)
    assert 0.0 < confidence.of_frame(0.0) < confidence.combined([1.0, 1.0]) < 1.0


def test_a_renamed_entity_keeps_its_relation_word() -> None:
    registry = Registry()
    sister = registry.relative(registry.user, "sister")
    assert registry.relative(registry.user, "sister", "Ana") is sister
    assert sister.mention().aliases == ("sister",)
    assert registry.known_name("ana") is sister


def test_a_second_sister_is_somebody_else() -> None:
    registry = Registry()
    assert registry.relative(registry.user, "sister", "Ana") is not registry.relative(registry.user, "sister", "Eva")


def test_the_same_reading_twice_is_one_candidate() -> None:
    user, porto = Entity("User", "User"), Entity("Porto", "Place")
    once = Candidate(user, "LIVES_IN", porto, FactStatus.CURRENT, (0, 5), (0, 5), 0, (0, 1), 0.8)
    assert (
        once.key
        == Candidate(
            user, "LIVES_IN", Entity("porto", "Place"), FactStatus.CURRENT, (9, 14), (9, 14), 1, (0, 1), 0.9
        ).key
    )

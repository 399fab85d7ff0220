"""What the tagger learns from: finding the annotated words, making variants, making statements."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from extraction.catalogue import Catalogue
from extraction.local.tagger import MODEL
from extraction.local.tagger_windows import load_tokenizer
from scripts.training.augment import Augmenter, Rates, joined, misspelt, swapped, without_apostrophes
from scripts.training.encode import USER_WORD, Example, encode
from scripts.training.measure import Score, calibrate, expected_error, reliability, same_statement, score
from scripts.training.messages import Gold, Message, occurrences, read_messages
from scripts.training.statements import fill, read_fillers, read_templates

TRAINING = sorted((Path(__file__).parents[2] / "extraction/local/training").glob("*.jsonl"))
INDEX = {relation.predicate: number for number, relation in enumerate(Catalogue())}


def gold(subject: str, predicate: str, target: str, state: str = "current", *, optional: bool = False) -> Gold:
    return Gold(subject, predicate, target, state, optional)


def words(example: Example, text: str) -> list[str]:
    return [text[word.start : word.end] for word in example.window.words]


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return read_messages(TRAINING)


def test_the_shipped_messages_are_annotated_with_the_catalogue(messages: list[Message]) -> None:
    assert len(messages) > 3000
    assert {fact.predicate for message in messages for fact in message.facts} <= set(INDEX)
    named = [fact for m in messages for fact in m.facts if fact.predicate == "LIVES_IN"]
    assert all(occurrences(m.text, f.object) for m in messages for f in m.facts if f in named)


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    good = json.dumps({"message": "Hi", "facts": []})
    (tmp_path / "a.jsonl").write_text(f'{good}\n{{"message": "x"}}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.jsonl:2: not an annotated message"):
        read_messages([tmp_path / "a.jsonl"])


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("Rust rusts; Rust!", "Rust", ["Rust", "Rust"]),
        ("i live in PORTO", "Porto", ["PORTO"]),
        ("I'm running a marathon", "run a marathon", ["running a marathon"]),
        ("moving to Spain", "move to Spain", ["moving to Spain"]),
        ("my dads bike", "dad", ["dads"]),
        ("16f from Leeds", "16", ["16"]),
        ("Ravi and his parents", "Ravi's parents", ["parents"]),
        ("nothing here", "Porto", []),
    ],
)
def test_phrases_are_found_by_the_strictest_reading(text: str, phrase: str, found: list[str]) -> None:
    assert [text[slice(*span)] for span in occurrences(text, phrase)] == found


def test_a_message_is_labelled_by_word() -> None:
    tokenizer = load_tokenizer(MODEL / "tokenizer.json")
    text = "Ana and Ben live in New York, I don't."
    facts = (
        gold("Ana", "LIVES_IN", "New York"),
        gold("Ben", "LIVES_IN", "New York"),
        gold("user", "VISITED", "New York", optional=True),
        gold("user", "RELATED_TO", "York"),
    )
    predicates = {name: number for name, number in INDEX.items() if name != "RELATED_TO"}
    example = encode(tokenizer, Message(text, facts), predicates)
    assert example is not None
    said = words(example, text)
    new = said.index("New")
    assert example.starts == {(new, predicates["LIVES_IN"])}
    assert example.unsure == {(new, predicates["VISITED"])}
    assert example.object_inside == {new + 1: 1, new + 2: 0}
    assert example.subject_starts == {said.index("Ana"), said.index("Ben")}
    links = {link.predicate: link for link in example.links}
    assert links[predicates["LIVES_IN"]].subjects == {said.index("Ana"), said.index("Ben")}
    assert links[predicates["VISITED"]].subjects == {USER_WORD}
    assert links[predicates["VISITED"]].weight < links[predicates["LIVES_IN"]].weight == 1


def test_the_mention_nearest_before_the_object_is_its_subject() -> None:
    tokenizer = load_tokenizer(MODEL / "tokenizer.json")
    text = "Ana called. Ana sails, says Ana."
    example = encode(tokenizer, Message(text, (gold("Ana", "PLAYS", "sails"),)), INDEX)
    assert example is not None
    (link,) = example.links
    assert (link.subjects, link.unsure) == ({3}, {0, 7})


def test_every_template_is_valid_and_states_what_it_marks() -> None:
    fillers = read_fillers() | {"person": ["Ida", "Bo"], "place": ["Graz", "Lund"], "organisation": ["Arla", "Volvo"]}
    templates = read_templates(fillers)
    rng = random.Random(0)
    assert len(templates) > 300
    for template in templates * 3:
        message = fill(template, fillers, rng)
        assert not set("[]{}()@_") & set(message.text)
        for fact in message.facts:
            assert fact.predicate in INDEX
            assert fact.object in message.text
            assert fact.subject == "user" or fact.subject in message.text


def test_articles_agree_with_what_fills_a_template() -> None:
    message = fill("I am a [{job}]WORKS_AS and an [{job}]WORKS_AS.", {"job": ["actor", "nurse"]}, random.Random(1))
    assert "an actor" in message.text
    assert "a nurse" in message.text
    assert [fact.object for fact in message.facts] in (["actor", "nurse"], ["nurse", "actor"])


@pytest.mark.parametrize("line", ["I like {nothing}.", "I [like] it.", "I like [it]LIKES:sometimes."])
def test_a_wrong_template_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "statements.txt"
    path.write_text(f"# comment\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"statements\.txt:2"):
        read_templates({}, path)


def test_no_form_of_what_a_fact_is_about_is_misspelt() -> None:
    message = Message("Two vegetarians ask.", (gold("user", "IS_A", "vegetarian"),))
    for seed in range(20):
        assert "vegetarians" in misspelt(message, random.Random(seed)).text


def test_what_holds_what_another_fact_is_about_is_not_swapped() -> None:
    message = Message(
        "I'm teaching surfing.", (gold("user", "WORKS_AS", "teaching surfing"), gold("user", "PLAYS", "surfing"))
    )
    for seed in range(20):
        varied = swapped(message, {"job": ["nurse"], "activity": ["chess"]}, random.Random(seed))
        assert all(f.object in varied.text for f in varied.facts)


def test_variants_still_contain_their_facts(messages: list[Message]) -> None:
    augmenter = Augmenter(messages, Rates(swap=1, apostrophes=0.5, typos=1, join=0.5, ask=0.5))
    rng = random.Random(0)
    changed = 0
    for message in messages[::7]:
        # An optional fact may be about a part of what a sure one is about, and go with it.
        findable = [f for f in message.facts if not f.optional and occurrences(message.text, f.object)]
        varied = augmenter.vary(message, rng)
        changed += varied.text != message.text
        assert len(varied.facts) >= len(message.facts)
        assert sum(bool(occurrences(varied.text, f.object)) for f in varied.facts) >= len(findable)
    assert changed > len(messages[::7]) / 2


def test_a_swapped_name_changes_in_text_and_facts_alike() -> None:
    message = Message("My sister Ana is an actor. Ana lives in Graz.", (gold("Ana", "LIVES_IN", "Graz"),))
    variants = {swapped(message, {"person": ["Bo"], "place": ["Lund"]}, random.Random(seed)).text for seed in range(9)}
    assert "My sister Bo is an actor. Bo lives in Lund." in variants
    assert not any("Ana" in text and "Bo" in text for text in variants)


def test_messages_are_joined_unless_one_mentions_the_others_things() -> None:
    first = Message("I live in Graz", (gold("user", "LIVES_IN", "Graz"),))
    second = Message("I play chess.", (gold("user", "PLAYS", "chess"),))
    both = joined(first, second)
    assert both is not None
    assert (both.text, both.facts) == ("I live in Graz. I play chess.", first.facts + second.facts)
    assert joined(first, Message("Graz is nice, I play chess.", second.facts)) is None


def test_spelling_variants_leave_the_facts_findable() -> None:
    message = Message("I don't like Ben's terrible cooking.", (gold("user", "DISLIKES", "Ben's terrible cooking"),))
    bare = without_apostrophes(message)
    assert (bare.text, bare.facts[0].object) == ("I dont like Bens terrible cooking.", "Bens terrible cooking")
    assert misspelt(message, random.Random(0)) == message
    assert misspelt(Message("absolutely fine", ()), random.Random(0)).text != "absolutely fine"


def test_statements_are_compared_as_facts() -> None:
    lives = gold("user", "LIVES_IN", "New York")
    assert same_statement(("user", "LIVES_IN", "new york", "current"), lives)
    assert not same_statement(("user", "LIVES_IN", "New York", "ended"), lives)
    assert not same_statement(("Ana", "LIVES_IN", "New York", "current"), lives)
    assert same_statement(("Bo", "HAS_SIBLING", "Ana", "current"), gold("Ana", "HAS_SIBLING", "Bo"))
    assert same_statement(("Bo", "HAS_PARENT", "Ana", "current"), gold("Ana", "HAS_CHILD", "Bo"))


def test_scores_count_optional_facts_as_right_but_never_as_missed() -> None:
    message = Message("…", (gold("user", "LIKES", "tea"), gold("user", "LIKES", "jam", optional=True)), style="short")
    given = [[("user", "LIKES", "jam", "current"), ("user", "LIKES", "mud", "current")]]
    assert score([message], given)["all"] == Score(given=2, right=1, wanted=1, found=0)


def test_calibration_recovers_the_chances_it_was_shown() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    features = rng.normal(0, 2, (4000, 4))
    chance = 1 / (1 + np.exp(-(0.5 * features[:, 0] - 1)))
    weights, bias = calibrate(features, (rng.random(4000) < chance).astype(float))
    assert weights == pytest.approx([0.5, 0, 0, 0], abs=0.1)
    assert bias == pytest.approx(-1, abs=0.1)


def test_reliability_compares_confidence_with_what_was_right() -> None:
    table = reliability([0.9, 0.9, 0.9, 0.1, 1.0], [True, True, False, False, True])
    assert table == [(0.1, 0.0, 1), (pytest.approx(0.925), 0.75, 4)]
    assert expected_error(table) == pytest.approx((0.1 + 4 * 0.175) / 5)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = TRAINING[0].parents[3] / "scripts/train_extractor.py"
    return subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False)


def test_the_command_explains_itself_without_the_libraries_of_training() -> None:
    answer = command("--help")
    assert answer.returncode == 0
    assert "example:" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.jsonl",), "no such file: nowhere.jsonl"),
        (("--hold-out", "1"), "--hold-out must lie between 0 and 1"),
        (("--epochs", "0"), "must be at least 1"),
        (("--base", "no_such_base"), "no folder and no package 'no_such_base'"),
    ],
)
def test_wrong_usage_is_told_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    answer = command(*arguments)
    assert answer.returncode in (1, 2)
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr

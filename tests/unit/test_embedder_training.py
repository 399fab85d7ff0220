"""What the package's embedder learns from: written questions about known messages, and questions made from annotated facts."""

from __future__ import annotations

import random
from pathlib import Path

from extraction.catalogue import Catalogue
from scripts.training.messages import Gold, Message, read_messages
from scripts.training.questions import made_questions, read_questions, read_templates

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = sorted((ROOT / "extraction/local/training").glob("*.jsonl"))
QUESTIONS = ROOT / "graphmem/embed/training/questions.jsonl"


def test_each_written_question_is_of_a_known_message() -> None:
    known = {message.id for message in read_messages(MESSAGES)}
    pairs = read_questions(QUESTIONS)
    assert len(pairs) == 6200
    assert {pair.message for pair in pairs} <= known
    assert all(pair.question.strip() and "{" not in pair.question for pair in pairs)


def test_templates_are_of_relations_of_the_catalogue() -> None:
    templates = read_templates()
    assert set(templates) <= {relation.predicate for relation in Catalogue()}
    assert all(t.count("{who}") == 1 and t.endswith("?") for of_one in templates.values() for t in of_one)


def test_made_questions_are_of_whom_the_fact_is() -> None:
    messages = [
        Message("My sister Ana lives in Porto.", (Gold("Ana", "LIVES_IN", "Porto", "current", False),), id="a"),
        Message("I live in Oslo.", (Gold("user", "LIVES_IN", "Oslo", "current", False),), id="b"),
        Message("I don't live in Rome.", (Gold("user", "LIVES_IN", "Rome", "negated", False),), id="c"),
        Message("I like tea.", (Gold("user", "LIKES", "tea", "current", False),), id="d"),
    ]
    templates = {"LIVES_IN": ["Where does {who} live?", "What is {who}'s town?"]}
    made = made_questions(messages, templates, 5, random.Random(3))
    assert {pair.message for pair in made} == {"a", "b"}
    assert next(p.question for p in made if p.message == "a") in ("Where does Ana live?", "What is Ana's town?")
    asked = {made_questions(messages[1:2], templates, 5, random.Random(seed))[0].question for seed in range(60)}
    assert {"Where do I live?", "What is my town?"} <= asked
    assert not any("{" in question or "user" in question for question in asked)
    assert len(made_questions(messages, templates, 1, random.Random(3))) == 1

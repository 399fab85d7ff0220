"""The tagger with the model that ships: what it proposes, and what happens when its model is not as it should be."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from extraction.catalogue import Catalogue
from extraction.local.proposals import Proposal, Proposer
from extraction.local.tagger import MODEL, Labels, ModelError, Tagger
from extraction.records import FactStatus

CURRENT, ENDED, NEGATED = FactStatus.CURRENT, FactStatus.ENDED, FactStatus.NEGATED
Read = tuple[str, str, str, FactStatus]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger(minimum=0.5)


def read(tagger: Tagger, text: str, before: str | None = None) -> set[Read]:
    return {worded(proposal, text) for proposal in tagger.propose(text, before)}


def worded(proposal: Proposal, text: str) -> Read:
    subject = text[slice(*proposal.subject)] if proposal.subject else "user"
    return subject, proposal.predicate, text[proposal.object_start : proposal.object_end], proposal.status


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I live in Valencia and work as a nurse.", {("user", "LIVES_IN", "Valencia"), ("user", "WORKS_AS", "nurse")}),
        ("My brother Tomas works at Nokia.", {("user", "HAS_SIBLING", "Tomas"), ("Tomas", "WORKS_AT", "Nokia")}),
        ("im allergic to walnuts btw", {("user", "ALLERGIC_TO", "walnuts")}),
        ("We have a cat called Pickles.", {("user", "HAS_PET", "Pickles"), ("Pickles", "IS_A", "cat")}),
    ],
)
def test_proposes_what_a_message_states(tagger: Tagger, text: str, expected: set[tuple[str, str, str]]) -> None:
    found = read(tagger, text)
    assert expected <= {fact[:3] for fact in found if fact[3] is CURRENT}


def test_tells_what_is_over_and_what_is_denied(tagger: Tagger) -> None:
    assert ("user", "LIVES_IN", "Bergen", ENDED) in read(tagger, "I used to live in Bergen.")
    assert ("user", "OWNS", "car", NEGATED) in read(tagger, "I don't own a car.")


def test_proposes_nothing_for_small_talk_and_questions(tagger: Tagger) -> None:
    for text in ("What is the capital of Peru?", "Thanks, that helped a lot!", "Write a haiku about rain."):
        assert read(tagger, text) == set()


def test_reads_an_answer_with_its_question(tagger: Tagger) -> None:
    assert ("user", "LIVES_IN", "Valencia", CURRENT) in read(tagger, "Valencia", "Which city do you live in?")


def test_what_the_other_side_said_is_never_proposed(tagger: Tagger) -> None:
    text = "Good to know, thanks."
    for proposal in tagger.propose(text, "I am Ada, I live in Turin and I work as a dentist."):
        assert 0 <= proposal.object_start < proposal.object_end <= len(text)


def test_the_same_text_gives_the_same_proposals_alone_together_and_in_threads(tagger: Tagger) -> None:
    texts = [f"My name is {name} and I live in {place}." for name, place in (("Ida", "Graz"), ("Bo", "Lund"))] * 4
    alone = [tagger.propose(text) for text in texts]
    assert tagger.propose_all([(text, None) for text in texts]) == alone
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(Tagger(minimum=0.5).propose, texts)) == alone


def test_spans_lie_in_the_text_and_confidence_between_the_minimum_and_one(tagger: Tagger) -> None:
    text = "Łucja 😀 lives in Łódź; my dog Żabka\u200b is 3. " * 60
    proposals = tagger.propose(text)
    assert proposals
    for proposal in proposals:
        assert 0 <= proposal.object_start < proposal.object_end <= len(text)
        assert proposal.subject is None or 0 <= proposal.subject[0] < proposal.subject[1] <= len(text)
        assert 0.5 <= proposal.confidence <= 1
        assert proposal.predicate in Catalogue()
    assert [p.object_start for p in proposals] == sorted(p.object_start for p in proposals)


def test_a_fact_far_down_a_long_text_is_found(tagger: Tagger) -> None:
    filler = "The weather report went on for a while. " * 150
    assert ("user", "WORKS_AS", "nurse", CURRENT) in read(tagger, filler + "I work as a nurse. " + filler)


@pytest.mark.parametrize("text", ["", "   \n", "\x00\x01", "\ud800", "." * 5000, "a" * 20000, "🏳️‍🌈" * 300])
def test_odd_texts_are_no_error(tagger: Tagger, text: str) -> None:
    for proposal in tagger.propose(text, text):
        assert 0 <= proposal.object_start < proposal.object_end <= len(text)


def test_a_higher_minimum_only_leaves_proposals_out() -> None:
    text = "I'm a baker in Tartu, my wife Liis teaches maths and we like sailing."
    low, high = Tagger(minimum=0.2).propose(text), Tagger(minimum=0.8).propose(text)
    assert high == [proposal for proposal in low if proposal.confidence >= 0.8]
    assert len(low) > 0


def test_fulfils_the_protocol_and_opens_nothing_until_used() -> None:
    assert isinstance(Tagger(), Proposer)
    script = (
        "import sys; from extraction.local.tagger import Tagger; Tagger();"
        "print([m for m in ('onnxruntime', 'tokenizers', 'torch', 'spacy') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_shipped_model_speaks_of_the_catalogue_and_stays_small() -> None:
    labels = Labels.read(MODEL)
    assert {relation.predicate for relation in Catalogue()} - set(labels.predicates) == {"RELATED_TO"}
    assert len(set(labels.predicates)) == len(labels.predicates)
    assert sum(path.stat().st_size for path in MODEL.iterdir()) < 25 * 2**20


def copied(folder: Path, *names: str) -> Path:
    for name in names:
        shutil.copy(MODEL / name, folder)
    return folder


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"labels\.json does not describe a model .*reinstall"):
        Tagger(tmp_path / "nowhere").propose("I live in Porto.")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1, "predicates": []}', "\xff"])
def test_broken_labels_are_a_clear_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "labels.json").write_text(content, encoding="latin-1")
    with pytest.raises(ModelError, match=r"labels\.json does not describe a model"):
        Tagger(tmp_path).propose("I live in Porto.")


def test_labels_of_another_format_are_refused(tmp_path: Path) -> None:
    labels = json.loads((MODEL / "labels.json").read_text(encoding="utf-8"))
    (tmp_path / "labels.json").write_text(json.dumps(labels | {"format": 99}), encoding="utf-8")
    with pytest.raises(ModelError, match="has format 99"):
        Labels.read(tmp_path)


def test_a_damaged_network_is_a_clear_error_each_time(tmp_path: Path) -> None:
    folder = copied(tmp_path, "labels.json", "tokenizer.json")
    (folder / "model.onnx").write_bytes(b"not a network")
    tagger = Tagger(folder)
    for _ in range(2):
        with pytest.raises(ModelError, match="cannot be opened") as caught:
            tagger.propose("I live in Porto.")
        assert caught.value.__cause__ is not None


def test_a_missing_tokenizer_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be opened"):
        Tagger(copied(tmp_path, "labels.json", "model.onnx")).propose("I live in Porto.")


def test_a_missing_runtime_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match="install both"):
        Tagger().propose("I live in Porto.")


def test_an_age_gives_up_what_is_glued_to_it(tagger: Tagger) -> None:
    assert "34" in {fact[2] for fact in read(tagger, "hi, 34yo guy from Leeds here") if fact[1] == "HAS_AGE"}

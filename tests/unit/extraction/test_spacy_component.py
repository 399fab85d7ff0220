"""The spaCy component: facts on docs, in pipelines of every kind, found without an import."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from extraction import (
    Catalogue,
    EntityMention,
    ExtractedFact,
    Extraction,
    ExtractionContext,
    FactStatus,
    LocalExtractor,
    Relation,
    RuleExtractor,
    Turn,
    pipeline,
)

TEXT = "I live in Porto and I work at Siemens. My sister Ana plays the cello."
SPANS = [("Porto", "LIVES_IN"), ("Siemens", "WORKS_AT"), ("Ana", "HAS_SIBLING"), ("cello", "PLAYS")]


@pytest.fixture(scope="module")
def nlp() -> Language:
    """A pipeline of rules."""
    return pipeline("rules")


def spans(doc: Doc) -> list[tuple[str, str]]:
    """The spans of the facts, as text and predicate."""
    return [(span.text, span.label_) for span in doc.spans["facts"]]


def test_docs_carry_the_facts_of_the_extractor_and_a_span_for_each(nlp: Language) -> None:
    doc = nlp(TEXT)
    extraction = asyncio.run(RuleExtractor().extract([Turn("user", TEXT)]))
    assert doc._.facts == extraction.facts
    assert spans(doc) == SPANS


def test_the_default_is_the_local_extractor() -> None:
    doc = pipeline()(TEXT)
    assert doc._.facts == asyncio.run(LocalExtractor().extract([Turn("user", TEXT)])).facts
    assert set(SPANS) <= set(spans(doc))


@pytest.mark.parametrize("text", ["", "   \n", "Where is Porto?"])
def test_without_facts_both_are_empty(nlp: Language, text: str) -> None:
    doc = nlp(text)
    assert (doc._.facts, spans(doc)) == ((), [])
    assert nlp.make_doc(text)._.facts == ()


class Reads:
    """An extractor that reads the same facts in every text."""

    def __init__(self, *facts: ExtractedFact) -> None:
        self._facts = facts

    async def extract(self, turns: object, context: ExtractionContext | None = None) -> Extraction:
        return Extraction(facts=self._facts)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("run a marathon", "I'll be running a marathon", "running a marathon"),
        ("take dance lessons", "I'm taking dance lessons", "taking dance lessons"),
        ("Porto", "i moved to porto", "porto"),
        ("tea", "I do not steal, I like tea", "tea"),
        ("C++", "I write C++.", "C++"),
        ("Porto", "", ""),
    ],
)
def test_an_object_is_found_in_the_form_that_stands_in_the_text(phrase: str, text: str, found: str) -> None:
    user, thing = EntityMention("User", "User"), EntityMention(phrase, "Thing")
    doc = pipeline(Reads(ExtractedFact(user, "LIKES", thing, evidence=text)))(text)
    assert spans(doc) == [(found, "LIKES")]


def test_where_the_text_does_not_name_the_object_the_span_is_an_alias_or_the_evidence() -> None:
    user, ana = EntityMention("User", "User"), EntityMention("Ana", "Person", aliases=("sister",))
    facts = (
        ExtractedFact(user, "HAS_SIBLING", ana, evidence="my sister moved"),
        ExtractedFact(ana, "HAS_SIBLING", user, evidence="my sister moved"),
        ExtractedFact(user, "IS_A", EntityMention("aunt", "Kind")),
    )
    doc = pipeline(Reads(*facts))("So my sister moved.")
    assert [span.text for span in doc.spans["facts"]] == ["sister", "my sister moved", "So my sister moved."]


def test_the_same_words_said_twice_have_a_span_each(nlp: Language) -> None:
    doc = nlp("I used to live in Porto. Then I moved to Oslo. I love tea. I hate tea with milk.")
    assert [span.start_char for span in doc.spans["facts"]] == sorted(s.start_char for s in doc.spans["facts"])
    for fact, span in zip(doc._.facts, doc.spans["facts"], strict=True):
        assert span.text == fact.object.name


def test_a_pipe_gives_what_single_calls_give(nlp: Language) -> None:
    texts = [TEXT, "Hello!", "I have a dog.", ""] * 3
    together = list(nlp.pipe(texts, batch_size=4))
    apart = [nlp(text) for text in texts]
    assert [doc._.facts for doc in together] == [doc._.facts for doc in apart]
    assert [spans(doc) for doc in together] == [spans(doc) for doc in apart]


def test_each_doc_is_a_message_by_itself(nlp: Language) -> None:
    first, second = nlp.pipe(["My sister is called Ana.", "She lives in Porto."])
    assert first._.facts
    assert not any(f.subject.name == "Ana" for f in second._.facts)


def test_facts_survive_being_written_to_bytes(nlp: Language) -> None:
    docs = list(nlp.pipe([TEXT, "I don't own a car.", "I used to live in Oslo."]))
    data = DocBin(docs=docs, store_user_data=True).to_bytes()
    again = list(DocBin(store_user_data=True).from_bytes(data).get_docs(nlp.vocab))
    assert [doc._.facts for doc in again] == [doc._.facts for doc in docs]
    assert [spans(doc) for doc in again] == [spans(doc) for doc in docs]
    assert again[1]._.facts[0].status is FactStatus.NEGATED


@pytest.mark.parametrize("language", ["de", "pt", "zh", "xx"])
def test_a_pipeline_of_another_language_keeps_what_it_had(language: str) -> None:
    """Whatever the language, tokens, entities and other spans are as without the component."""
    text = "Ich wohne in Porto. I live in Porto. 我住在波尔图。"
    plain, with_facts = spacy.blank(language), spacy.blank(language)
    for nlp in (plain, with_facts):
        ruler = nlp.add_pipe("entity_ruler")
        ruler.add_patterns([{"label": "CITY", "pattern": "Porto"}])  # type: ignore[attr-defined]
        nlp.add_pipe("span_ruler").add_patterns([{"label": "CITY", "pattern": "Porto"}])  # type: ignore[attr-defined]
    with_facts.add_pipe("graphmem_facts", config={"extractor": "rules"})
    before, after = plain(text), with_facts(text)
    assert [t.text for t in after] == [t.text for t in before]
    assert [(e.text, e.label_) for e in after.ents] == [(e.text, e.label_) for e in before.ents]
    assert [s.text for s in after.spans["ruler"]] == [s.text for s in before.spans["ruler"]]
    assert [f.object.name for f in after._.facts] == ["Porto"]


def test_a_text_of_another_language_states_nothing(nlp: Language) -> None:
    for text in (
        "Ich wohne in Porto und arbeite bei Siemens.",
        "Vivo en Oporto.",
        "我住在波尔图。",
        "私はポルトに住んでいます。",
    ):
        assert nlp(text)._.facts == ()


def test_an_extractor_of_ones_own() -> None:
    drives = Relation("DRIVES", "Vehicle", ("drives {o}", "drove {o}", "does not drive {o}"))
    extractor = RuleExtractor(Catalogue().extended(drives), frames=["S drive+ {DRIVES}"])
    assert spans(pipeline(extractor)("I drive a red Fiat Panda.")) == [("red Fiat Panda", "DRIVES")]


class Waiting:
    """An extractor that waits, as those that use a network do."""

    async def extract(self, turns: object, context: ExtractionContext | None = None) -> Extraction:
        await asyncio.sleep(0)
        return Extraction()


def test_an_extractor_that_waits_is_refused() -> None:
    with pytest.raises(TypeError, match=r"wait for nothing.*await another's extract\(\)"):
        pipeline(Waiting())("I live in Porto.")


def test_an_unknown_extractor_is_refused() -> None:
    with pytest.raises(ValueError, match="no extractor 'magic'; give one of local, rules"):
        pipeline("magic")


async def test_it_works_while_an_event_loop_runs(nlp: Language) -> None:
    assert spans(nlp(TEXT)) == SPANS


def test_a_pipeline_is_written_to_disk_and_loaded(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "nlp")
    assert nlp.config["components"]["graphmem_facts"]["extractor"] == "rules"
    assert spans(spacy.load(tmp_path / "nlp")(TEXT)) == SPANS


@pytest.mark.parametrize("extractor", ["rules", "local"])
def test_a_component_that_has_read_can_be_pickled(extractor: str) -> None:
    used = pipeline(extractor)
    doc = used(TEXT)
    again = pickle.loads(pickle.dumps(used.get_pipe("graphmem_facts")))  # noqa: S301 - the test's own bytes
    assert again(used.make_doc(TEXT))._.facts == doc._.facts


def in_a_process(code: str, tmp_path: Path) -> str:
    """Run code in a Python of its own that has imported nothing, and return what it prints."""
    script = tmp_path / "script.py"
    script.write_text(code)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_spacy_finds_the_component_without_an_import(tmp_path: Path) -> None:
    code = (
        "import spacy\n"
        "nlp = spacy.blank('en')\n"
        "nlp.add_pipe('graphmem_facts', config={'extractor': 'rules'})\n"
        "doc = nlp('I live in Porto.')\n"
        "print([(span.text, span.label_) for span in doc.spans['facts']])\n"
    )
    assert in_a_process(code, tmp_path) == "[('Porto', 'LIVES_IN')]\n"


@pytest.mark.slow
def test_several_processes_give_the_same(tmp_path: Path) -> None:
    code = (
        "from extraction import pipeline\n"
        "if __name__ == '__main__':\n"
        "    nlp = pipeline()\n"
        "    texts = ['I live in Porto.', 'Hello!', 'I have a dog.'] * 4\n"
        "    apart = [doc._.facts for doc in map(nlp, texts)]\n"
        "    docs = list(nlp.pipe(texts, n_process=2, batch_size=2))\n"
        "    print([doc._.facts for doc in docs] == apart, [len(doc.spans['facts']) for doc in docs[:3]])\n"
    )
    assert in_a_process(code, tmp_path) == "True [1, 0, 1]\n"

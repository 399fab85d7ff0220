"""The page is a pure function of the records, and whatever was said in them stays data."""

from __future__ import annotations

import io
import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_records import Talk, crowd, maya, states

from extraction.catalogue import Catalogue
from extraction.records import FactStatus
from graphmem.page import document
from graphmem.page.content import content_of
from graphmem.page.document import as_json
from graphmem.page.graph import MemoryGraph, memory_graph

HOSTILE = '</script><script>alert(1)</script><!-- ]]> {{content}} \u2028 & "quoted" <img src=x onerror=alert(2)>'


class Parsed(HTMLParser):
    """The elements of a page, and the texts of its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": [], "title": [], "h1": []}
        self.policy = ""
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.inside = tag
        if tag in self.texts:
            self.texts[tag].append("")
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"] or ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in self.texts:
            self.texts[self.inside][-1] += data

    @property
    def content(self) -> dict:
        return json.loads(self.texts["script"][0])


def fact_in(content: dict, text: str) -> dict:
    return next(f for f in content["facts"] if f["text"] == text)


def test_the_page_holds_entities_facts_and_the_messages_they_come_from():
    content = Parsed(document(maya().records())).content
    names = [e["name"] for e in content["entities"]]
    moved = fact_in(content, "lives in Porto")
    assert names[moved["subject"]] == "Maya"
    assert names[moved["object"]] == "Porto"
    assert (moved["since"], moved["until"], moved["status"]) == ("2023-02", None, "current")
    (said,) = moved["said"]
    assert content["messages"][said["message"]]["text"] == "I moved to Porto in February!"
    assert said["evidence"] == "I moved to Porto in February"
    assert [content["facts"][i]["text"] for i in moved["supersedes"]] == ["lived in Leeds"]


def test_a_fact_says_what_it_was_before_it_was_retired():
    facts = content_of(maya().records())["facts"]
    before = {f["text"]: (f["before"]["status"], f["before"]["text"]) for f in facts if f["retired"]}
    assert before == {
        "lived in Leeds": ("current", "lives in Leeds"),
        "was not born in Bristol": ("current", "was born in Bristol"),
    }


def test_a_denial_that_ended_was_a_denial_before():
    talk = maya()
    talk.say("I own a car now.", states("OWNS", "car", "I own a car", label="Thing"))
    denied = next(f for f in content_of(talk.records())["facts"] if f["status"] == "ended" and "car" in f["text"])
    assert denied["before"] == {"status": "negated", "text": "does not own a car"}


def test_without_messages_no_words_of_anybody_are_in_it():
    page = document(maya().records(), with_messages=False)
    assert "I moved to Porto" not in page
    assert "not Bristol" not in page
    assert "lives in Porto" in page
    assert Parsed(page).content["messages"] == []


def test_a_message_that_is_gone_leaves_its_evidence():
    (said,) = fact_in(content_of(maya().records(messages=[])), "lives in Porto")["said"]
    assert (said["message"], said["evidence"]) == (None, "I moved to Porto in February")


def test_the_page_loads_nothing_and_its_policy_names_every_script_and_style():
    parsed = Parsed(document(maya().records()))
    assert not {"link", "img", "iframe", "object", "base", "form"} & set(parsed.tags)
    assert not {"src", "href", "srcset", "style"} & {name for name, _ in parsed.attributes}
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    assert "default-src 'none'" in parsed.policy
    assert "unsafe" not in parsed.policy
    for text in (*parsed.texts["script"][1:], *parsed.texts["style"]):
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in parsed.policy
    assert len(parsed.texts["script"]) == 4


def test_a_hostile_message_name_and_user_id_add_no_element():
    talk = Talk(HOSTILE)
    talk.say(HOSTILE, states("LIKES", HOSTILE, HOSTILE), states("RELATED_TO", HOSTILE, HOSTILE, verb=HOSTILE))
    quiet, hostile = Parsed(document(Talk("maya").records())), Parsed(document(talk.records()))
    assert hostile.tags == quiet.tags
    assert hostile.policy == quiet.policy
    assert hostile.texts["script"][1:] == quiet.texts["script"][1:]
    assert hostile.content["messages"][0]["text"] == HOSTILE
    assert HOSTILE.replace("\u2028", " ") in hostile.texts["h1"][0]


@given(st.text())
def test_any_text_comes_out_as_it_went_in_and_cannot_end_the_script(text):
    encoded = as_json({"text": text})
    assert not re.search("[<>&\u2028\u2029]", encoded)
    assert encoded.isascii()
    assert json.loads(encoded) == {"text": text}


def test_half_a_character_can_be_written_too():
    talk = Talk("\ud800")
    talk.say("\ud83d", states("LIKES", "x\udc00", "\ud83d"))
    document(talk.records()).encode()


@pytest.mark.parametrize("alike", [{"GREEN", "PINK", "GREY"}, {"ORANGE", "RED"}, {"BLUE", "SKY"}])
def test_kinds_whose_colours_look_alike_to_somebody_differ_in_shape(alike):
    source = (files("graphmem.page") / "assets" / "kinds.js").read_text(encoding="utf-8")
    looks = re.findall(r'(\w+): \[(\w+), "([\w-]+)"\]', source)
    labels = {label for label, _, _ in looks}
    assert {r.object for r in Catalogue()} | {"User"} == labels
    shapes = [shape for _, colour, shape in looks if colour in alike]
    assert len(shapes) == len(set(shapes)) >= 4
    assert "round-octagon" not in {shape for _, colour, shape in looks if colour == "GREY"}, (
        "that is the unknown kinds'"
    )


def test_the_same_records_make_the_same_page():
    assert document(maya().records()) == document(maya().records())


def test_a_page_of_five_hundred_facts_stays_small():
    page = document(crowd(500).records())
    assert len(Parsed(page).content["facts"]) == 500
    assert len(page) < 1_000_000


def test_a_long_message_is_cut():
    talk = Talk()
    talk.say("I like tea. " + "word " * 10_000, states("LIKES", "tea", "I like tea"))
    (message,) = content_of(talk.records())["messages"]
    assert len(message["text"]) == 4000
    assert message["text"].endswith("…")


def test_facts_between_entities_that_are_left_out_are_left_out():
    records = maya().records()
    few = replace(records, entities=[e for e in records.entities if e.name != "Porto"])
    texts = [f["text"] for f in content_of(few)["facts"]]
    assert "was born in Bath" in texts
    assert not [t for t in texts if "Porto" in t]


def test_the_graph_is_one_for_networkx():
    records = maya().records()
    graph = memory_graph(records)
    assert isinstance(graph, networkx.MultiDiGraph)
    assert {d["name"] for _, d in graph.nodes(data=True)} == {"Maya", "Leeds", "Bristol", "Bath", "car", "Ana", "Porto"}
    lives = {
        (graph.nodes[a]["name"], graph.nodes[b]["name"]): d["status"]
        for a, b, d in graph.edges(data=True)
        if d["predicate"] == "LIVES_IN"
    }
    assert lives == {("Maya", "Leeds"): "ended", ("Maya", "Porto"): "current", ("Ana", "Porto"): "current"}
    assert {key for _, _, key in graph.edges(keys=True)} == {f.id for f in records.facts}
    buffer = io.BytesIO()
    networkx.write_graphml(graph, buffer)
    assert b"lives in Porto" in buffer.getvalue()


def test_a_notebook_shows_the_page_cut_off_from_itself():
    graph = memory_graph(maya().records())
    frame = graph._repr_html_() or ""
    (page,) = re.findall(r'srcdoc="([^"]*)"', frame)
    assert unescape(page) == graph.to_html() == document(maya().records())
    assert 'sandbox="allow-scripts"' in frame
    assert "allow-same-origin" not in frame


@pytest.mark.parametrize("copied", [False, True])
def test_a_part_of_the_graph_shows_that_part(copied):
    graph = memory_graph(maya().records())
    part = graph.subgraph([n for n, d in graph.nodes(data=True) if d["label"] in ("User", "Place")])
    part = part.copy() if copied else part
    assert isinstance(part, MemoryGraph)
    content = Parsed(part.to_html()).content
    assert {e["label"] for e in content["entities"]} == {"User", "Place"}
    texts = {f["text"] for f in content["facts"]}
    assert texts == {"lives in Porto", "lived in Leeds", "was born in Bath", "was not born in Bristol"}


def test_a_filtered_copy_shows_what_is_left():
    graph = memory_graph(maya().records()).copy()
    graph.remove_edges_from([(a, b, k) for a, b, k, d in graph.edges(keys=True, data=True) if d["status"] != "current"])
    assert {f.status for f in graph.facts} == {FactStatus.CURRENT}
    assert "lived in Leeds" not in graph.to_html()


def test_a_graph_made_otherwise_says_that_it_cannot_be_shown():
    graph = MemoryGraph([("a", "b")])
    assert graph._repr_html_() is None
    with pytest.raises(ValueError, match=r"memory\.graph"):
        graph.to_html()

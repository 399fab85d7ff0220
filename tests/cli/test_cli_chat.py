"""``graphmem chat``: it answers from the memory or with a model, shows what it recalled and learned, and loses nothing that was said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import asked, graphmem, refused, wait_until
from openai_server import Answer, completion, fact, openai_server, refuses, says
from terminal import terminal

from graphmem.cli.chatting.answering import is_question


def chat(*lines: str, code: int = 0, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    told = graphmem("chat", "--url", "c.db", "--json", *options, input="\n".join(lines) + "\n", code=code).stdout
    return [json.loads(line) for line in told.splitlines()]


def said(role: str = "user") -> list[str]:
    rows = asked(
        "cypher", "MATCH (m:Message) RETURN m.role AS role, m.text AS text ORDER BY m.at, m.seq", "--url", "c.db"
    )
    return [row["text"] for row in rows if row["role"] == role]


def test_offline_it_answers_with_what_it_remembers_and_no_more() -> None:
    told = chat(
        "Hi, I'm Maya and I live in Leeds.",
        "My sister Ana is allergic to peanuts.",
        "What is my sister allergic to?",
        "I moved to Porto.",
        "Where do I live?",
        "Hm.",
    )
    assert told[0]["answer"] == "I will remember: is called Maya; lives in Leeds."
    assert [c["text"] for c in told[0]["learned"]] == ["is called Maya", "lives in Leeds"]
    assert told[0]["recalled"] == []
    assert "This is what I remember about it: Ana (sister) is allergic to peanuts" in told[2]["answer"]
    assert "Ana (sister) is allergic to peanuts" in told[2]["recalled"]
    assert told[2]["learned"] == []
    assert "I will remember: lives in Porto" in told[3]["answer"]
    assert "That is over: lived in Leeds" in told[3]["answer"]
    assert "lives in Porto" in told[4]["answer"]
    assert "Leeds" not in told[4]["answer"]
    assert told[5]["answer"].startswith("I found no lasting fact in that.")
    assert [t["answer"] for t in told] == said("assistant"), "answers are kept too"


def test_offline_it_says_that_it_knows_nothing() -> None:
    assert chat("What is my favourite colour?")[0]["answer"] == "I remember nothing about that."
    told = chat("The quarterly zeppelin report was late again, was all they talked about.", "What about the zeppelin?")
    assert "you said: “The quarterly zeppelin report" in told[1]["answer"]


@pytest.mark.parametrize("text", ["Where do I live", "do you know?", "I live in Porto, right?", "Tell me about Ana"])
def test_questions(text: str) -> None:
    assert is_question(text)


def test_a_session_goes_on_and_a_new_one_remembers() -> None:
    chat("I live in Porto.", options=("--session", "s1"))
    done = graphmem("chat", "--url", "c.db", "--session", "s1", input="I like tea.\n")
    assert "you: I live in Porto." in done.stdout
    assert "to go on: graphmem chat --url c.db --user me --session s1" in done.stderr
    assert asked("stats", "--url", "c.db")["sessions"] == 1
    assert "lives in Porto" in chat("Where do I live?")[0]["recalled"]
    assert asked("stats", "--url", "c.db")["sessions"] == 2


def test_a_model_answers_with_what_is_remembered() -> None:
    with openai_server(says("Porto is lovely!"), says("No peanuts for her.")) as server:
        model = ("--model", "m1", "--base-url", server.base_url)
        told = chat("I live in Porto.", "My sister is allergic to peanuts.", options=model)
        assert [t["answer"] for t in told] == ["Porto is lovely!", "No peanuts for her."]
        assert told[0]["learned"] == [{"sign": "+", "text": "lives in Porto", "status": "current"}]
        first, second = (request["messages"] for request in server.requests)
    assert [m["role"] for m in first] == ["system", "user"]
    assert [m["role"] for m in second] == ["system", "system", "user"]
    assert "lives in Porto" in second[1]["content"]
    assert second[2]["content"] == "My sister is allergic to peanuts."
    assert second[1]["content"].count("Porto is lovely!") == 1
    assert said("assistant") == ["Porto is lovely!", "No peanuts for her."]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refuses(401), "check OPENAI_API_KEY"),
        (refuses(404), "check --model and --base-url"),
        (refuses(500, retry_after="0"), "wait a little"),
        (says(""), "gave no text"),
        (says(None), "gave no text"),
        (completion([]), "gave no text"),
        (Answer(200, "<html>hello</html>"), "gave no"),
        (Answer(200, {"choices": "no"}), "gave no"),
        (Answer(hang_up=True), "cannot be reached"),
    ],
)
def test_a_model_that_fails_loses_nothing(answer: Answer, why: str) -> None:
    with openai_server(*[answer] * 2, says("Hello again!")) as server:
        model = ("--model", "m1", "--base-url", server.base_url)
        told = chat("I live in Porto.", options=model, code=1)
    assert told[0]["answer"] is None
    assert why in told[0]["error"]
    assert "secret words" not in told[0]["error"]
    assert [c["text"] for c in told[0]["learned"]] == ["lives in Porto"]
    assert said() == ["I live in Porto."]
    assert said("assistant") == []
    with openai_server(says("Hello again!")) as server:
        assert chat("Hi!", options=("--model", "m1", "--base-url", server.base_url))[0]["answer"] == "Hello again!"
        assert "lives in Porto" in json.dumps(server.requests[0]["messages"])


def test_a_model_that_is_not_there() -> None:
    told = chat("I live in Porto.", options=("--model", "m1", "--base-url", "http://127.0.0.1:9/v1"), code=1)
    assert told[0]["error"] == "127.0.0.1:9 cannot be reached; start it, or check --base-url"
    assert said() == ["I live in Porto."]


def test_the_commands_in_a_pipe() -> None:
    lines = [
        "I live in Leeds.",
        "I moved to Porto.",
        "/facts",
        "/facts leeds",
        "/why 1",
        "/why porto",
        "/cypher MATCH (u:User)-[:LIVES_IN]->(p) RETURN p.name AS city",
        "/help",
        "/fact",
        "/why 9",
        "/forget",
        "/forget last",
        "/facts",
        "/quit",
        "this is not read any more",
    ]
    done = graphmem("chat", "--url", "c.db", input="\n".join(lines) + "\n")
    for shown in (
        "lived in Leeds",
        "“I moved to Porto.”",
        "CITY\nPorto",
        "/forget NUMBER|last",
        "did you mean /facts?",
        "there is no fact 9 in the last list",
        "say which: /forget NUMBER",
        "forgotten: 2 messages",
    ):
        assert shown in done.stdout, shown
    assert [(f["text"], f["status"]) for f in asked("facts", "--url", "c.db")] == [("lives in Leeds", "current")]
    assert said() == ["I live in Leeds."]


def test_a_fact_is_forgotten() -> None:
    done = graphmem("chat", "--url", "c.db", input="I like tea.\n/facts\n/forget 1\n/facts\n/why tea\n")
    assert "forgotten: likes tea" in done.stdout
    assert "nothing is known yet" in done.stdout
    assert asked("facts", "--url", "c.db") == []


def test_a_wrong_query_ends_no_chat() -> None:
    done = graphmem("chat", "--url", "c.db", input="/cypher CREATE (n)\nI like tea.\n", code=1)
    assert "CREATE" in done.stderr
    assert "likes tea" in done.stdout


def test_json_is_nothing_but_turns() -> None:
    assert [t["said"] for t in chat("/facts", "I like tea.", "", code=1)] == ["I like tea."]


def test_what_cannot_be(stored: str, tmp_path: Path) -> None:
    (tmp_path / "bob.txt").write_text("Bob: I live in Oslo.\n")
    graphmem("ingest", "bob.txt", "--url", stored)
    assert "add --user with one of Bob, alice" in refused("chat", "--url", stored, code=2)
    assert "belongs to another user" in refused("chat", "--url", stored, "--user", "Bob", "--session", "s1")
    assert "add --model" in refused("chat", "--base-url", "http://localhost/v1", code=2)
    assert "set OPENAI_API_KEY" in refused("chat", "--model", "m1", code=2)
    assert "the base URL is not valid" in refused("chat", "--model", "m1", "--base-url", "localhost", code=2)


def test_hostile_words_steer_no_terminal() -> None:
    hostile = "I like tea \x1b[2J\x1b]0;gone\x07 [bold]x[/bold]."
    done = graphmem("chat", "--url", "c.db", input=f"{hostile}\n/facts\n/why\n/why tea\n", code=0)
    assert "\x1b" not in done.output
    assert "\x07" not in done.output


def test_in_a_terminal_the_memory_stands_beside_the_answer() -> None:
    with terminal("chat", "--url", "c.db") as chat:
        chat.see("you> ")
        chat.types("My sister Ana is allergic to peanuts.\r")
        shown = chat.see("you> ")
        beside = [line for line in shown.splitlines() if line.startswith("I will remember:")]
        assert len(beside) == 1
        assert beside[0].rstrip().endswith("nothing"), "recalled nothing, in the same line"
        assert "+ Ana (sister) is allergic to peanuts" in shown
        chat.types("What can my sister not eat?\r")
        assert "recalled" in chat.see("you> ")
        chat.types("/facts\r")
        chat.see("Ana (sister) is allergic to peanuts")
        chat.see("you> ")
        chat.types("/forget 1\r")
        chat.see("[y/N]: ")
        chat.types("n\r")
        assert "forgotten" not in chat.see("you> ")
        chat.types("\x1b[A\r")  # the key Up, and Enter: the last line again
        chat.see("[y/N]: ")
        chat.types("y\r")
        chat.see("forgotten: ")
        chat.see("you> ")
        chat.types("half a line")
        chat.see("half a line")
        chat.interrupts("Ctrl-D or /quit ends the chat")
        chat.see("you> ")
        chat.types("\x04")
        chat.see("to go on: graphmem chat")
        assert chat.ends() == 0
    assert "half a line" not in said()


def test_in_a_narrow_terminal_it_stands_below() -> None:
    with terminal("chat", "--url", "c.db", columns=60) as chat:
        chat.see("you> ")
        chat.types("I live in Porto.\r")
        shown = chat.see("you> ")
        assert "I will remember: lives in Porto.\nrecalled  nothing\nlearned   + lives in Porto\n" in shown
        chat.types("/quit\r")
        assert chat.ends() == 0


def test_ctrl_c_gives_up_an_answer_and_keeps_what_was_said() -> None:
    with (
        openai_server(Answer(hang=True), says("Here I am.")) as server,
        terminal("chat", "--url", "c.db", "--model", "m1", "--base-url", server.base_url, columns=80) as chat,
    ):
        chat.see("you> ")
        chat.types("I live in Porto.\r")
        chat.see("m1 is asked ...")
        wait_until(lambda: bool(server.requests))
        chat.types("\x03")
        chat.see("no answer: interrupted (what you said is kept)")
        chat.see("you> ")
        chat.types("Hello?\r")
        chat.see("Here I am.")
        chat.see("you> ")
        chat.types("\x04")
        assert chat.ends() == 0
    assert said() == ["I live in Porto.", "Hello?"]


def test_what_a_language_model_reads_meanwhile_is_shown_with_the_next_turn() -> None:
    def script(body: dict[str, Any]) -> Answer:
        if "response_format" not in body:
            return says("I see.")
        return says({"facts": [fact("OWNS", "zebras", "Thing", "Nothing beats zebras")]})

    with (
        openai_server(script=script) as server,
        terminal("chat", "--url", "c.db", GRAPHMEM_LLM_MODEL="m1", OPENAI_BASE_URL=server.base_url, columns=80) as chat,
    ):
        chat.see("m1 answers")
        chat.see("you> ")
        chat.types("Nothing beats zebras.\r")
        chat.see("(the language model is still reading)")
        chat.see("you> ")
        wait_until(lambda: asked("stats", "--url", "c.db")["pending"] == 0)
        chat.types("Well.\r")
        chat.see("learned   + owns zebras")
        chat.see("I see.")
        chat.types("/quit\r")
        assert chat.ends() == 0

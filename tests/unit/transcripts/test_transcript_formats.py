"""Each format is read as people have it; `auto` finds it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphmem.transcripts import Exchange, Transcript


def said(exchanges: list[Exchange]) -> list[tuple[str, str | None, str]]:
    return [(m.role, m.name, m.text) for e in exchanges for m in e.messages]


def read(path: Path, content: object, **options: object) -> list[Exchange]:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    transcript = Transcript(path, **options)  # type: ignore[arg-type]
    transcript.check()
    return list(transcript.exchanges())


def lines(*entries: object) -> str:
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def test_json_lines_of_interactions(tmp_path: Path) -> None:
    exchanges = read(
        tmp_path / "chat.jsonl",
        lines(
            {
                "session_id": "s1",
                "user_id": "alice",
                "input": "Hi",
                "output": "Hello",
                "id": "m1",
                "at": "2024-03-01T10:00:00Z",
            },
            {"session_id": "s1", "user_id": "alice", "input": "I live in Porto", "output": ""},
        ),
    )
    assert said(exchanges) == [("user", None, "Hi"), ("assistant", None, "Hello"), ("user", None, "I live in Porto")]
    assert {(e.session_id, e.user_id) for e in exchanges} == {("s1", "alice")}
    assert [m.id for m in exchanges[0].messages] == ["m1", "m1:reply"]
    assert exchanges[0].messages[0].at == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert exchanges[1].messages[0].at == datetime(2024, 3, 1, 10, tzinfo=UTC), (
        "a missing time is that of the line before"
    )


def test_json_lines_of_messages_respect_their_sessions_and_users(tmp_path: Path) -> None:
    exchanges = read(
        tmp_path / "chat.jsonl",
        lines(
            {"role": "user", "content": "one", "session": "a", "user": "ann"},
            {"role": "user", "content": "two", "session_id": "b", "user_id": "bob"},
            {"role": "assistant", "content": "reply to two", "session_id": "b"},
            {"role": "assistant", "content": "reply to one", "session": "a"},
            {"role": "user", "content": [{"type": "text", "text": "three"}, {"type": "image_url", "image_url": {}}]},
        ),
    )
    assert [(e.session_id, e.user_id, [m.text for m in e.messages]) for e in exchanges[:3]] == [
        ("a", "ann", ["one"]),
        ("b", "bob", ["two", "reply to two"]),
        ("a", "ann", ["reply to one"]),
    ]
    assert exchanges[3].user_id == "chat"
    assert exchanges[3].session_id.startswith("chat-")
    assert exchanges[3].messages[0].text == "three"


def test_lines_that_are_whole_conversations(tmp_path: Path) -> None:
    exchanges = read(
        tmp_path / "many.jsonl",
        lines(
            {"messages": [{"role": "user", "content": "one"}, {"role": "assistant", "content": "1"}]},
            {"id": "x2", "conversations": [{"from": "human", "value": "two"}, {"from": "gpt", "value": "2"}]},
            {"session_id": "x3", "interaction": {"input": "three", "output": "3"}},
            {"session_id": "x4", "interaction": [{"role": "user", "content": "four"}]},
        ),
    )
    assert [m.text for e in exchanges for m in e.messages] == ["one", "1", "two", "2", "three", "3", "four"]
    assert [e.session_id for e in exchanges][1:] == ["x2", "x3", "x4"]


@pytest.mark.parametrize("name", ["list.json", "list.txt", "list"])
def test_json_list_of_messages(tmp_path: Path, name: str) -> None:
    entries = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "My sister Ana lives in Porto.", "name": "alice", "timestamp": 1709287200},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c1"}]},
        {"role": "tool", "content": "42", "tool_call_id": "c1"},
        {"role": "assistant", "content": "How nice!"},
    ]
    exchanges = read(tmp_path / name, json.dumps(entries, indent=1))
    assert said(exchanges) == [("user", "alice", "My sister Ana lives in Porto."), ("assistant", None, "How nice!")]
    assert exchanges[0].messages[0].at == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert len(exchanges) == 1


def node(key: str, parent: str | None, role: str, parts: list[object], **extra: object) -> dict[str, object]:
    content = {"content_type": extra.pop("content_type", "text"), "parts": parts}
    message = {
        "id": f"m-{key}",
        "author": {"role": role},
        "content": content,
        "recipient": "all",
        "weight": 1.0,
        **extra,
    }
    return {"id": key, "parent": parent, "children": [], "message": message}


def export() -> list[dict[str, Any]]:
    nodes = [
        {"id": "root", "parent": None, "children": ["sys"], "message": None},
        node("sys", "root", "system", [""], metadata={"is_visually_hidden_from_conversation": True}, weight=0.0),
        node("u1", "sys", "user", ["I live in Leeds."], create_time=1709287200.5),
        node("a1-old", "u1", "assistant", ["A reply that was regenerated."], create_time=1709287210.0),
        node("a1", "u1", "assistant", ["Leeds is lovely."], create_time=1709287220.0),
        node("ctx", "a1", "user", ["secret profile"], metadata={"is_user_system_message": True}),
        node(
            "u2",
            "ctx",
            "user",
            [{"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}, "Our dog Rex"],
            content_type="multimodal_text",
            create_time=None,
        ),
        node("call", "u2", "assistant", ["print(1)"], content_type="code", recipient="python"),
        node("tool", "call", "tool", ["1"]),
        node("think", "tool", "assistant", ["hm"], content_type="thoughts"),
        node(
            "voice",
            "think",
            "user",
            [{"content_type": "audio_transcription", "text": "He is a beagle.", "direction": "in"}],
            content_type="multimodal_text",
        ),
        node("a2", "voice", "assistant", ["Hello Rex!"], create_time=1709287300.0),
    ]
    return [
        {
            "title": "Later",
            "create_time": 1719287200.0,
            "conversation_id": "conv-2",
            "mapping": {"n": node("n", None, "user", ["later"])},
            "current_node": "n",
        },
        {
            "title": "Moving",
            "create_time": 1709287000.0,
            "conversation_id": "conv-1",
            "id": "conv-1",
            "mapping": {str(n["id"]): n for n in nodes},
            "current_node": "a2",
        },
    ]


def test_chatgpt_export_follows_the_branch_that_was_shown(tmp_path: Path) -> None:
    exchanges = read(tmp_path / "conversations.json", export())
    assert said(exchanges) == [
        ("user", None, "I live in Leeds."),
        ("assistant", None, "Leeds is lovely."),
        ("user", None, "Our dog Rex"),
        ("user", None, "He is a beagle."),
        ("assistant", None, "Hello Rex!"),
        ("user", None, "later"),
    ]
    assert [e.session_id for e in exchanges] == ["conv-1", "conv-1", "conv-2"], "the oldest conversation comes first"
    assert [m.id for m in exchanges[0].messages] == ["m-u1", "m-a1"]
    assert exchanges[1].messages[0].at == datetime.fromtimestamp(1709287220, UTC), "no time: that of the message before"


def test_chatgpt_export_without_current_node_takes_the_newest_leaf(tmp_path: Path) -> None:
    conversations = export()
    del conversations[1]["current_node"]
    texts = [m.text for e in read(tmp_path / "conversations.json", conversations) for m in e.messages]
    assert "A reply that was regenerated." not in texts
    assert "Hello Rex!" in texts


def test_single_chatgpt_conversation(tmp_path: Path) -> None:
    assert read(tmp_path / "one.json", export()[0])[0].session_id == "conv-2"


@pytest.mark.parametrize(("parent", "reason"), [("gone", "is missing"), ("a2", "its own ancestor")])
def test_a_broken_tree_is_named_with_its_title(tmp_path: Path, parent: str, reason: str) -> None:
    from graphmem.errors import InvalidTranscript

    conversations = export()
    conversations[1]["mapping"]["u1"]["parent"] = parent
    with pytest.raises(InvalidTranscript, match=rf"conversation 2 \('Moving'\): .*{reason}"):
        read(tmp_path / "conversations.json", conversations)
    kept = read(tmp_path / "conversations.json", conversations, skip_bad=True)
    assert [e.session_id for e in kept] == ["conv-2"]


def test_sharegpt(tmp_path: Path) -> None:
    entries = [
        {"id": "aB3", "conversations": [{"from": "human", "value": "I own a boat"}, {"from": "gpt", "value": "Nice"}]},
        {"conversations": [{"from": "system", "value": "Be kind"}, {"from": "human", "value": "I own a boat"}]},
    ]
    exchanges = read(tmp_path / "share.json", entries)
    assert said(exchanges) == [
        ("user", None, "I own a boat"),
        ("assistant", None, "Nice"),
        ("user", None, "I own a boat"),
    ]
    assert exchanges[0].session_id == "aB3"
    assert exchanges[1].session_id.startswith("share-")


def test_plain_text_of_a_user_and_an_assistant(tmp_path: Path) -> None:
    exchanges = read(
        tmp_path / "chat.txt",
        "User: Hello\nAssistant: Hi! Here is a list:\nNote: one\n\nLink: http://example.org\nUser:\nsecond line\n",
    )
    assert said(exchanges) == [
        ("user", None, "Hello"),
        ("assistant", None, "Hi! Here is a list:\nNote: one\n\nLink: http://example.org"),
        ("user", None, "second line"),
    ]
    assert exchanges[0].user_id == "chat"


def test_plain_text_of_one_person_and_an_assistant_makes_the_person_the_user(tmp_path: Path) -> None:
    exchanges = read(tmp_path / "chat.txt", "Alice: I live in Porto\r\nAI: I see.\r\nRecipe: none\r\nAlice: Good\r\n")
    assert said(exchanges) == [
        ("user", None, "I live in Porto"),
        ("assistant", None, "I see.\nRecipe: none"),
        ("user", None, "Good"),
    ]
    assert {e.user_id for e in exchanges} == {"Alice"}


def test_plain_text_of_several_people(tmp_path: Path) -> None:
    exchanges = read(
        tmp_path / "trip.txt",
        "[2024-03-01 10:00] Alice: I moved to Porto\n[2024-03-01 10:02] Bob Smith: Nice.\nPS: call me\n"
        "[2024-03-01, 10:05:30] Alice: Sure\n",
    )
    assert said(exchanges) == [
        ("user", None, "I moved to Porto"),
        ("user", "Bob Smith", "Nice.\nPS: call me"),
        ("user", None, "Sure"),
    ]
    assert [m.at for e in exchanges for m in e.messages] == [
        datetime(2024, 3, 1, 10, 0, tzinfo=UTC),
        datetime(2024, 3, 1, 10, 2, tzinfo=UTC),
        datetime(2024, 3, 1, 10, 5, 30, tzinfo=UTC),
    ]
    assert {e.user_id for e in exchanges} == {"Alice"}, "the first who speaks is the user"

    for_bob = read(tmp_path / "trip.txt", (tmp_path / "trip.txt").read_text(), user_id="bob smith")
    assert [m.name for e in for_bob for m in e.messages] == ["Alice", None, "Alice"]
    for_nobody = read(tmp_path / "trip.txt", (tmp_path / "trip.txt").read_text(), user_id="carol")
    assert [m.name for e in for_nobody for m in e.messages] == ["Alice", "Bob Smith", "Alice"]


def test_an_exchange_opens_with_a_user_after_a_reply_and_is_never_long(tmp_path: Path) -> None:
    names = ["Alice", "Bob"] * 10
    exchanges = read(tmp_path / "long.txt", "".join(f"{name}: line {i}\n" for i, name in enumerate(names)))
    assert [len(e.messages) for e in exchanges] == [8, 8, 4]


def test_an_interaction_is_what_store_takes(tmp_path: Path) -> None:
    exchange = read(tmp_path / "a.txt", "[2024-03-01 10:00] Ann: Hi\n[2024-03-01 10:01] Bo: Hello\n")[0]
    at = datetime(2024, 3, 1, 10, tzinfo=UTC)
    ids = [message.id for message in exchange.messages]
    assert exchange.interaction() == [
        {"role": "user", "content": "Hi", "at": at, "id": ids[0]},
        {"role": "user", "content": "Hello", "name": "Bo", "at": at.replace(minute=1), "id": ids[1]},
    ]

"""What cannot be read is refused in one line that names the file and the line, or skipped when that was asked for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from graphmem.errors import InvalidTranscript
from graphmem.transcripts import Transcript

GOOD = '{"role": "user", "content": "I live in Porto"}'

BAD_LINES = {
    "not JSON": ("oops", "not JSON"),
    "cut off": ('{"role": "user", "content": "I li', "not JSON"),
    "too deep": ("[" * 200_000, "nested too deeply"),
    "too many digits": ('{"role": "user", "content": "x", "at": ' + "9" * 5000 + "}", "too many digits"),
    "a number": ("42", "a line must be an object"),
    "no role": ('{"content": "x"}', "neither an interaction"),
    "an export": ('{"type": "user", "id": "alice"}', "read it with graphmem import"),
    "an unknown role": ('{"role": "wizard", "content": "x"}', "'wizard' is not a role"),
    "content of another kind": ('{"role": "user", "content": 5}', "must be a text or a list"),
    "no time": ('{"role": "user", "content": "x", "at": "yesterday"}', "'yesterday' is not a time"),
    "an infinite time": ('{"role": "user", "content": "x", "at": Infinity}', "is not a time"),
    "an empty session": ('{"role": "user", "content": "x", "session_id": " "}', "is not an id"),
    "an id of another kind": ('{"role": "user", "content": "x", "id": [1]}', "is not an id"),
    "a text as input of another kind": ('{"input": {"a": 1}, "output": "x"}', "must be a text or a list"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_named(tmp_path: Path, name: str) -> None:
    line, reason = BAD_LINES[name]
    path = tmp_path / "chat.jsonl"
    path.write_text(f"{GOOD}\n\n{line}\n{GOOD}\n")
    with pytest.raises(InvalidTranscript) as error:
        Transcript(path).check()
    message = str(error.value)
    assert message.startswith(f"{path}:3: ")
    assert reason in message
    assert "\n" not in message
    assert len(message) < 400

    transcript = Transcript(path, skip_bad=True)
    summary = transcript.check()
    assert (summary.messages, [p.line for p in summary.problems]) == (2, [3])
    assert len([m for e in transcript.exchanges() for m in e.messages]) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b" \r\n\n", "the file is empty"),
        (b"\x7fELF\x00\x01\x02", "binary file"),
        (b"\x1f\x8b\x08\x00abc", "binary file"),
        (b"PK\x03\x04rest", "unpack it and give the conversations.json"),
        (b"%PDF-1.7", "binary file"),
    ],
)
def test_what_is_no_transcript_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(content)
    with pytest.raises(InvalidTranscript, match=reason):
        Transcript(path)


def test_a_wrong_path_and_a_folder_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidTranscript, match="no such file; check the path"):
        Transcript(tmp_path / "gone.jsonl")
    with pytest.raises(InvalidTranscript, match="this is a folder; give the files in it"):
        Transcript(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("User: hi")
    path.chmod(0)
    with pytest.raises(InvalidTranscript, match="cannot be read: Permission denied"):
        Transcript(path)


def test_json_document_that_is_broken_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('[\n {"role": "user", "content": "a"},\n {"role": }\n]')
    with pytest.raises(InvalidTranscript, match=r"list.json:3: not JSON"):
        Transcript(path).check()


@pytest.mark.parametrize("document", [[], {}, [1, 2], {"a": 1}, "text", [[]]])
def test_json_of_another_kind_is_refused(tmp_path: Path, document: object) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InvalidTranscript, match="no conversation in it that is known"):
        Transcript(path).check()


@pytest.mark.parametrize("format", ["messages", "chatgpt", "sharegpt"])
def test_the_wrong_format_says_what_is_missing(tmp_path: Path, format: str) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"a": 1}')
    with pytest.raises(InvalidTranscript, match=r"other.json: not a"):
        Transcript(path, format=format).check()


def test_an_unknown_format_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="use one of auto, jsonl, messages, chatgpt, sharegpt, text"):
        Transcript(tmp_path / "x", format="csv")


def test_a_message_in_a_list_that_is_bad_is_counted_and_skipped(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(
        '[{"role": "user", "content": "a"}, {"role": "user", "content": 3}, {"role": "user", "content": "b"}]'
    )
    with pytest.raises(InvalidTranscript, match=r"list.json: message 2: the content must be"):
        Transcript(path).check()
    assert Transcript(path, skip_bad=True).check().messages == 2


def test_plain_text_without_a_speaker(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("once upon a time\nthere was a fox\nAlice: hi\n")
    with pytest.raises(InvalidTranscript, match=r"notes.txt:1: nobody says this; begin a message with the speaker"):
        Transcript(path).check()
    summary = Transcript(path, skip_bad=True).check()
    assert (summary.messages, len(summary.problems)) == (1, 2)


def test_plain_text_with_an_impossible_stamp(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(
        "[2024-03-01 10:00] Alice: a\n[2024-13-01 10:00] Alice: b\nmore of b\n[2024-03-02 10:00] Alice: c\n"
    )
    with pytest.raises(InvalidTranscript, match=r"chat.txt:2: \[2024-13-01 10:00\] is not a time"):
        Transcript(path).check()
    transcript = Transcript(path, skip_bad=True)
    assert len(transcript.check().problems) == 1, "the lines that go on with a skipped message are skipped with it"
    assert [m.text for e in transcript.exchanges() for m in e.messages] == ["a", "c"]


def test_wrong_encoding_names_the_line_and_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(b"User: hi\nUser: caf\xe9\nUser: bye\n")
    with pytest.raises(InvalidTranscript, match=r"chat.txt:2: not UTF-8 text \(byte 0xe9\); save the file as UTF-8"):
        Transcript(path).check()
    assert Transcript(path, skip_bad=True).check().messages == 2
    path.with_suffix(".json").write_bytes(b'[{"role": "user",\n "content": "caf\xe9"}]')
    with pytest.raises(InvalidTranscript, match=r"chat.json:2: not UTF-8 text"):
        Transcript(path.with_suffix(".json")).check()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_with_a_mark_and_both_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    text = tmp_path / "chat.txt"
    text.write_bytes(f"User: São Paulo{end}Assistant: 你好{end}".encode(encoding))
    jsonl = tmp_path / "chat.jsonl"
    jsonl.write_bytes((GOOD + end + '{"role": "assistant", "content": "São\u2028Paulo"}' + end).encode(encoding))
    for path, words in ((text, ["São Paulo", "你好"]), (jsonl, ["I live in Porto", "São\u2028Paulo"])):
        transcript = Transcript(path)
        assert transcript.check().messages == 2
        assert [m.text for e in transcript.exchanges() for m in e.messages] == words


def test_only_instructions_and_tools_are_no_conversation(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_text('{"role": "system", "content": "Be kind"}\n{"role": "user", "content": " "}\n')
    with pytest.raises(InvalidTranscript, match="no message of a user or an assistant in it"):
        Transcript(path).check()


def test_a_very_long_line_is_skipped_without_being_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphmem.transcripts.source.MAX_LINE_BYTES", 1000)
    path = tmp_path / "chat.jsonl"
    path.write_text(f'{GOOD}\n{{"role": "user", "content": "{"x" * 5000}"}}\n{GOOD}\n')
    summary = Transcript(path, skip_bad=True).check()
    assert (summary.messages, [p.line for p in summary.problems]) == (2, [2])


def test_a_half_character_becomes_a_replacement_character(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_text('{"role": "user", "content": "hi \\ud83d"}\n')
    assert next(Transcript(path).exchanges()).messages[0].text == "hi \ufffd"


def test_a_message_that_no_store_takes_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(f"User: hi\nUser: {'x' * 1_000_001}\nUser: bye\n")
    with pytest.raises(
        InvalidTranscript, match=r"chat.txt:2: a message of 1,000,001 characters; the limit is 1,000,000"
    ):
        Transcript(path).check()
    transcript = Transcript(path, skip_bad=True)
    transcript.check()
    assert [m.text for e in transcript.exchanges() for m in e.messages] == ["hi", "bye"]


@pytest.mark.parametrize("field", ["id", "session_id", "user_id", "name"])
def test_an_id_that_no_store_takes_is_refused_by_its_line(tmp_path: Path, field: str) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_text(json.dumps({"role": "user", "content": "hi", field: "x" * 1001}) + "\n")
    with pytest.raises(InvalidTranscript, match=rf"chat.jsonl:1: {field} has 1,001 characters"):
        Transcript(path).check()

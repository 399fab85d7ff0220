"""Reading a transcript again gives the same ids, so that storing it again stores nothing twice."""

from __future__ import annotations

import contextlib
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmem.errors import InvalidTranscript
from graphmem.transcripts import Transcript


def places(path: Path, **options: object) -> list[tuple[str, str, str]]:
    transcript = Transcript(path, **options)  # type: ignore[arg-type]
    transcript.check()
    return [(e.session_id, m.id, m.text) for e in transcript.exchanges() for m in e.messages]


CONTENTS = {
    "chat.txt": ["User: ok\nAssistant: ok\nUser: ok\n", "Assistant: ok\nUser: ok\n"],
    "chat.jsonl": ['{"role": "user", "content": "ok"}\n' * 3, '{"role": "user", "content": "ok"}\n'],
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_grew_keeps_the_ids_of_what_it_had(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(CONTENTS[name][0])
    before = places(path)
    path.write_text("".join(CONTENTS[name]))
    after = places(path)
    assert after[: len(before)] == before
    assert len(after) > len(before)
    assert len({(session, id) for session, id, _ in after}) == len(after), (
        "the same words said again are another message"
    )
    assert len({session for session, _, _ in after}) == 1


def test_a_second_person_who_turns_up_later_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("Alice: I moved to Porto\nAlice: It rains\n")
    before = places(path)
    path.write_text("Alice: I moved to Porto\nAlice: It rains\nBob: Oh\n")
    assert places(path)[:2] == before
    assert Transcript(path).check().users == ("Alice",)


def test_a_repaired_line_changes_no_other_id(tmp_path: Path) -> None:
    good = '{"role": "user", "content": "ok"}\n'
    path = tmp_path / "chat.jsonl"
    path.write_text(good + "oops\n" + good)
    before = places(path, skip_bad=True)
    path.write_text(good + '{"role": "user", "content": "repaired"}\n' + good)
    assert [place for place in places(path) if place[2] == "ok"] == before


def test_another_folder_is_the_same_session_and_another_user_is_another(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first, second = tmp_path / "chat.txt", tmp_path / "a" / "chat.txt"
    for path in (first, second):
        path.write_text("User: hello\n")
    assert places(first) == places(second)
    assert places(first)[0][0] != places(first, user_id="bob")[0][0]


def test_an_id_used_twice_with_the_same_words_is_one_message(tmp_path: Path) -> None:
    line = json.dumps({"id": "m1", "role": "user", "content": "hi"}) + "\n"
    path = tmp_path / "chat.jsonl"
    path.write_text(line * 3)
    assert [id for _, id, _ in places(path)] == ["m1"]


def test_an_id_used_twice_with_other_words_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_text('{"id": "m1", "role": "user", "content": "hi"}\n{"id": "m1", "role": "user", "content": "bye"}\n')
    with pytest.raises(InvalidTranscript, match=r"chat.jsonl:2: the id 'm1' is already used in session"):
        Transcript(path).check()
    assert [text for _, _, text in places(path, skip_bad=True)] == ["hi"]


def test_a_session_of_two_users_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_text(
        '{"session_id": "s", "user_id": "a", "input": "1", "output": "2"}\n{"session_id": "s", "user_id": "b", "input": "3"}\n'
    )
    with pytest.raises(InvalidTranscript, match=r"chat.jsonl:2: session 's' is of user 'a' already"):
        Transcript(path).check()


def test_one_user_for_a_file_of_several_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_text('{"user_id": "a", "input": "1", "output": "2"}\n{"user_id": "b", "input": "3", "output": "4"}\n')
    assert Transcript(path).check().users == ("a", "b")
    with pytest.raises(InvalidTranscript, match=r"names several users \(a, b\)"):
        Transcript(path, user_id="c").check()


def test_json_lines_are_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    with path.open("w") as file:
        for number in range(300):
            file.write(json.dumps({"role": "user", "content": f"{number} " + "x" * 100_000}) + "\n")
    transcript = Transcript(path)
    tracemalloc.start()
    try:
        assert transcript.check().messages == 300
        assert sum(len(exchange.messages) for exchange in transcript.exchanges()) == 300
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size / 5


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(min_size=1, max_size=20)), max_size=12),
    st.data(),
)
def test_every_prefix_of_a_file_has_the_ids_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[str, str]], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("grow") / "chat.jsonl"
    lines = [json.dumps({"role": role, "content": text}) + "\n" for role, text in [("user", "first"), *turns]]
    path.write_text("".join(lines))
    whole = places(path)
    path.write_text("".join(lines[: data.draw(st.integers(1, len(lines)))]))
    part = places(path)
    assert whole[: len(part)] == part


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["chat.txt", "chat.json", "chat.jsonl", "chat"]))
def test_any_bytes_are_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(data)
    with contextlib.suppress(InvalidTranscript):
        assert Transcript(path).check().messages > 0

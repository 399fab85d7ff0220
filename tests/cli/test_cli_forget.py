"""Forgetting: it says what would go, asks, and never deletes unasked."""

from __future__ import annotations

import os
import sys

import pytest
from command_line import asked, environment, graphmem, refused


def test_a_session_goes_with_its_facts(stored: str) -> None:
    gone = asked("forget", "--session", "s2", "--yes", "--url", stored)
    assert gone["messages"] == 2
    assert gone["sessions"] == 1
    texts = [f["text"] for f in asked("facts", "--url", stored)]
    assert "lives in Porto" not in texts
    assert "lives in Leeds" in texts, "what the forgotten message ended is current again"


def test_a_message_and_a_fact_go(stored: str) -> None:
    assert asked("forget", "--session", "s1", "--message", "m2", "--yes", "--url", stored)["messages"] == 1
    porto = next(f for f in asked("facts", "--url", stored) if f["text"] == "lives in Porto")
    result = graphmem("forget", "--fact", porto["id"], "--yes", "--url", stored)
    assert "deleted: 0 messages, 1 facts" in result.stdout
    assert {f["text"] for f in asked("facts", "--url", stored)} & {"lives in Porto", "is allergic to peanuts"} == set()


def test_all_of_a_user_goes_only_when_named(stored: str) -> None:
    assert "--user alone for all of a user" in refused("forget", "--yes", "--url", stored, code=2)
    assert asked("forget", "--user", "alice", "--yes", "--url", stored)["messages"] == 6
    assert "nothing is stored here yet" in refused("facts", "--url", stored)


@pytest.mark.parametrize(
    ("selection", "says"),
    [
        (["--session", "s9"], "user 'alice' has no session 's9'"),
        (["--session", "s1", "--message", "m9"], "session 's1' has no message 'm9'"),
        (["--fact", "f9"], "user 'alice' has no fact 'f9'"),
        (["--user", "bob"], "no such user 'bob'; the store has alice"),
    ],
)
def test_what_is_not_there_is_said(stored: str, selection: list[str], says: str) -> None:
    assert says in refused("forget", *selection, "--yes", "--url", stored)


def test_without_a_terminal_it_refuses_to_guess(stored: str) -> None:
    assert "add --yes" in refused("forget", "--session", "s1", "--url", stored, code=2, input="y\n")
    assert asked("stats", "--url", stored)["messages"] == 6


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.parametrize(("answer", "code", "left"), [("y", 0, 2), ("n", 1, 6), ("", 1, 6)])
def test_on_a_terminal_it_asks(stored: str, answer: str, code: int, left: int) -> None:
    import pty

    child, terminal = pty.fork()
    if child == 0:
        arguments = [sys.executable, "-m", "graphmem.cli", "forget", "--session", "s1", "--url", stored]
        os.execvpe(arguments[0], arguments, environment())  # noqa: S606
    os.write(terminal, f"{answer}\n".encode())
    shown = b""
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:
        pass
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == code, shown.decode()
    assert b"This deletes session 's1' with 4 messages and" in shown.replace(b"\r\n", b" ")
    assert asked("stats", "--url", stored)["messages"] == left

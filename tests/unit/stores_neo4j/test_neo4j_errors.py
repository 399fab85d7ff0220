"""Every error of the driver reaches the caller as one of graphmem's, in one line that says what to do."""

from __future__ import annotations

import inspect

import neo4j.exceptions as e
import pytest

from graphmem.errors import (
    CypherError,
    CypherNotAllowed,
    CypherTimeout,
    GraphMemError,
    StoreError,
    StoreUnavailable,
)
from graphmem.stores.neo4j.errors import Place, is_driver_error, query_error, store_error

PLACE = Place("neo4j://db.example:7687", "memories")


def made(kind: type[Exception], text: str = "first line\nsecond line", code: str | None = None) -> Exception:
    """An error of the driver as the driver makes it; those of the server come with a code."""
    if issubclass(kind, e.Neo4jError):
        error = kind._hydrate_neo4j(code=code or "Neo.ClientError.General.Unknown", message=text)
        return error if isinstance(error, kind) else kind(text)
    if issubclass(kind, e.ResultError):
        return kind(None, text)
    return kind(text)


CLASSES = [
    c
    for c in vars(e).values()
    if inspect.isclass(c) and issubclass(c, e.DriverError | e.Neo4jError) and not issubclass(c, Warning)
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda c: c.__name__)
def test_every_class_of_the_driver_is_mapped(kind: type[Exception]) -> None:
    """None escapes, and each message is one line."""
    error = made(kind)
    assert is_driver_error(error)
    mapped = store_error(error, PLACE)
    assert isinstance(mapped, StoreError)
    assert "\n" not in str(mapped)
    assert isinstance(query_error(error, PLACE, 5.0), GraphMemError)


@pytest.mark.parametrize(
    "kind",
    [
        e.ServiceUnavailable,
        e.SessionExpired,
        e.RoutingServiceUnavailable,
        e.WriteServiceUnavailable,
        e.ReadServiceUnavailable,
        e.IncompleteCommit,
        e.TransientError,
        e.DatabaseUnavailable,
        e.NotALeader,
        e.ForbiddenOnReadOnlyDatabase,
        ConnectionRefusedError,
        ConnectionResetError,
        TimeoutError,
    ],
)
def test_what_may_pass_is_unavailable(kind: type[Exception]) -> None:
    """Trying again later may help."""
    error = made(kind) if issubclass(kind, e.DriverError | e.Neo4jError) else kind("gone")
    mapped = store_error(error, PLACE)
    assert isinstance(mapped, StoreUnavailable)
    assert "neo4j://db.example:7687" in str(mapped)


def test_a_server_that_is_not_there_says_what_to_check() -> None:
    """The URL, and what to do."""
    mapped = store_error(e.ServiceUnavailable("Couldn't connect"), Place("bolt://localhost:7687"))
    assert str(mapped).startswith("cannot reach Neo4j at bolt://localhost:7687: start it or check connection_url")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("Neo.ClientError.Security.Unauthorized", "wrong user or password, check auth"),
        ("Neo.ClientError.Security.CredentialsExpired", "changed first"),
        ("Neo.ClientError.Security.AuthenticationRateLimit", "check auth"),
        ("Neo.ClientError.Security.Forbidden", "rights"),
        ("Neo.ClientError.Database.DatabaseNotFound", "database 'memories' is not there"),
        ("Neo.ClientError.Schema.ConstraintValidationFailed", "refused to write"),
        ("Neo.TransientError.Transaction.DeadlockDetected", "try again"),
        ("Neo.ClientError.Transaction.TransactionTimedOut", "took too long"),
        ("Neo.ClientError.Statement.SyntaxError", "SyntaxError"),
        ("Neo.DatabaseError.General.UnknownError", "UnknownError"),
    ],
)
def test_what_the_server_refuses_is_said_in_words(code: str, words: str) -> None:
    """Each code with the advice that fits it."""
    error = e.Neo4jError._hydrate_neo4j(code=code, message="no")
    assert words in str(store_error(error, PLACE))


def test_a_half_character_is_said_in_words() -> None:
    """A lone surrogate cannot be sent."""
    with pytest.raises(UnicodeEncodeError) as failure:
        "\ud800".encode()
    assert "lone surrogate" in str(store_error(failure.value, PLACE))


def test_errors_of_others_are_not_the_drivers() -> None:
    """What a decision raises goes through as it is."""
    assert not is_driver_error(LookupError("mine"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Neo.ClientError.Statement.SyntaxError", CypherError),
        ("Neo.ClientError.Statement.ParameterMissing", CypherError),
        ("Neo.ClientError.Statement.AccessMode", CypherNotAllowed),
        ("Neo.ClientError.Security.Forbidden", CypherNotAllowed),
        ("Neo.ClientError.Transaction.TransactionTimedOut", CypherTimeout),
        ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", CypherTimeout),
        ("Neo.ClientError.Security.Unauthorized", StoreError),
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", StoreUnavailable),
    ],
)
def test_errors_of_a_query_are_told_from_errors_of_the_store(code: str, expected: type[GraphMemError]) -> None:
    """A wrong query is the caller's affair, a lost server is not."""
    assert type(query_error(e.Neo4jError._hydrate_neo4j(code=code, message="no"), PLACE, 2.0)) is expected


def test_a_wrong_query_says_where() -> None:
    """The server's message has the position in its second line or in the first."""
    message = "Invalid input 'RETRUN': expected 'RETURN' (line 2, column 7 (offset: 20))\n\"RETRUN 1\"\n ^"
    error = e.Neo4jError._hydrate_neo4j(code="Neo.ClientError.Statement.SyntaxError", message=message)
    assert "line 2, column 7" in str(query_error(error, PLACE, 5.0))

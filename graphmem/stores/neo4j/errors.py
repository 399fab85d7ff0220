"""Every error of the driver as one of graphmem's, in words that say what to do; no message carries a password."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphmem.errors import CypherError, CypherNotAllowed, CypherTimeout, GraphMemError, StoreError, StoreUnavailable

_DATABASE_MISSING = "Neo.ClientError.Database.DatabaseNotFound"
_TIMED_OUT = (
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
    "Neo.TransientError.Transaction.TransactionTimedOut",
)
_NOT_FOR_READING = (
    "Neo.ClientError.Statement.AccessMode",
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
    "Neo.ClientError.Security.Forbidden",
)
_POSITION = re.compile(r"\(?line (\d+), column (\d+)")


@dataclass(frozen=True, slots=True)
class Place:
    """Which database an error is about, in words for its message."""

    url: str
    database: str | None = None

    def __str__(self) -> str:
        return f"Neo4j at {self.url}" + (f", database {self.database!r}" if self.database else "")


def is_driver_error(error: BaseException) -> bool:
    """Whether ``error`` comes from the driver, or from the network or the encoding below it."""
    from neo4j.exceptions import DriverError, Neo4jError

    return isinstance(error, DriverError | Neo4jError | OSError | UnicodeEncodeError)


def store_error(error: BaseException, place: Place) -> GraphMemError:
    """Return what to raise instead of a driver error, with ``error`` as its cause for the caller to set."""
    from neo4j import exceptions as e

    if (distrust := _distrust(error)) is not None:
        return StoreUnavailable(
            f"{place} is not trusted: renew its certificate, or check the host in connection_url ({distrust})"
        )
    unreachable = StoreUnavailable(f"cannot reach {place}: start it or check connection_url ({_first_line(error)})")
    match error:
        case e.Neo4jError() if (error.code or "").startswith("Neo.ClientError.Security."):
            return _refused(error.code or "", place)
        case e.AuthError():
            return _refused("", place)
        case e.Neo4jError() if error.code == _DATABASE_MISSING:
            return StoreError(f"{place} is not there: create it or check the setting 'database'")
        case e.Neo4jError() if error.code in _TIMED_OUT:
            return StoreUnavailable(f"{place} ended an operation that took too long: try again when it is less busy")
        case e.ConstraintError():
            return StoreError(
                f"{place} refused to write something that is there already or breaks its rules: {_first_line(error)}"
            )
        case e.TransientError() | e.DatabaseUnavailable() | e.NotALeader() | e.ForbiddenOnReadOnlyDatabase():
            return StoreUnavailable(f"{place} cannot do it now: try again later ({_first_line(error)})")
        case e.Neo4jError():
            return StoreError(f"{place} refused: {_first_line(error)} ({error.code})")
        case e.IncompleteCommit():
            return StoreUnavailable(f"the connection to {place} broke while it was committing: repeat the operation")
        case e.WriteServiceUnavailable():
            return StoreUnavailable(
                f"{place} takes no writes now: try again later; of a cluster, give the address with neo4j:// instead of bolt://"
            )
        case e.ServiceUnavailable() | e.SessionExpired() | e.ConnectionPoolError():
            return unreachable
        case e.AuthConfigurationError() | e.CertificateConfigurationError() | e.ConfigurationError():
            return StoreError(f"the settings do not fit {place}: check connection_url and auth ({_first_line(error)})")
        case e.UnsupportedServerProduct():
            return StoreError(f"{place} is no Neo4j of version 5.26 or newer: {_first_line(error)}")
        case UnicodeEncodeError():
            return StoreError(
                "a text with a lone surrogate (half a character) cannot be stored in Neo4j: clean the text first"
            )
        case OSError():
            return unreachable
        case _:
            return StoreError(f"{place} failed: {_first_line(error)} ({type(error).__name__})")


def _distrust(error: BaseException | None) -> str | None:
    """Return what is wrong with the server's certificate when that is what ``error`` comes from."""
    import ssl

    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"certificate: {error.verify_message}"
        error = error.__cause__ or error.__context__
    return None


def _refused(code: str, place: Place) -> GraphMemError:
    match code.rpartition(".")[2]:
        case "Forbidden":
            return StoreError(f"{place} does not allow it: give the user the rights to read, write and make indexes")
        case "AuthenticationRateLimit":
            return StoreUnavailable(
                f"{place} refuses further tries with a wrong password: check auth and wait a little"
            )
        case "CredentialsExpired":
            return StoreError(f"{place} wants the password of this user changed first: change it there, then set auth")
        case _:
            return StoreError(f"{place} refuses to log in: wrong user or password, check auth")


def query_error(error: BaseException, place: Place, timeout: float) -> GraphMemError:
    """Return what to raise for an operator's own query that failed with ``error``."""
    from neo4j.exceptions import AuthError, ClientError

    code = getattr(error, "code", None) or ""
    if code in _TIMED_OUT:
        return CypherTimeout(
            f"the query took longer than {timeout:g} s: make it narrower or raise timeout (usually limits.cypher_seconds)"
        )
    if code in _NOT_FOR_READING:
        return CypherNotAllowed(f"only reading is allowed: {_first_line(error)}")
    if isinstance(error, ClientError) and not isinstance(error, AuthError) and code != _DATABASE_MISSING:
        return CypherError(_with_position(error))
    return store_error(error, place)


def _with_position(error: BaseException) -> str:
    text = str(getattr(error, "message", None) or error)
    position = _POSITION.search(text)
    line = _first_line(error)
    if position is None or position[0] in line:
        return line
    return f"{line.rstrip('.')} (line {position[1]}, column {position[2]})"


def _first_line(error: BaseException) -> str:
    text = str(getattr(error, "message", None) or error) or type(error).__name__
    return text.strip().splitlines()[0][:300]

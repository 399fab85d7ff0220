"""A server whose certificate is not to be trusted is told in one line, for each reason, before any password is sent to it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from certificates import OPENSSL, make_certificate, serving_with

from graphmem import MemLayer, MemLayerConfig
from graphmem.errors import StoreError, StoreUnavailable

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="needs openssl to make certificates")

DAY = timedelta(days=1)


class Listener:
    """A TLS listener that keeps what it hears and says nothing."""

    def __init__(self) -> None:
        self.heard = bytearray()

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.heard.extend(await reader.read(4096))
        writer.close()


async def refusal_of(scheme: str, certificate: Path, key: Path) -> tuple[StoreError, bytes]:
    """Open a memory at a listener with this certificate; returns the error, and what the listener heard."""
    listener = Listener()
    server = await asyncio.start_server(listener.listen, "127.0.0.1", 0, ssl=serving_with(certificate, key))
    async with server:
        url = f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}"
        config = MemLayerConfig(provider="neo4j", connection_url=url, auth=("neo4j", "secret"), extractor="none")
        with pytest.raises(StoreError) as refused:
            async with asyncio.timeout(60), MemLayer(config) as memory:
                await memory.stats()
    return refused.value, bytes(listener.heard)


@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+s"])
@pytest.mark.parametrize(
    ("host", "first", "last", "trusted", "says"),
    [
        ("localhost", -30 * DAY, -DAY, True, "certificate has expired"),
        ("localhost", DAY, 30 * DAY, True, "certificate is not yet valid"),
        ("db.example.org", -DAY, DAY, True, "Hostname mismatch"),
        ("localhost", -DAY, DAY, False, "self-signed certificate"),
    ],
    ids=["expired", "not yet valid", "of another host", "of an unknown issuer"],
)
async def test_a_certificate_that_is_not_to_be_trusted_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    host: str,
    first: timedelta,
    last: timedelta,
    trusted: bool,
    says: str,
) -> None:
    certificate, key = await asyncio.to_thread(make_certificate, tmp_path / "own", host, first, last)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    error, heard = await refusal_of(scheme, certificate, key)
    message = str(error)
    assert isinstance(error, StoreUnavailable)
    assert says in message
    assert "renew its certificate, or check the host in connection_url" in message
    assert "\n" not in message
    assert "secret" not in f"{error!r} {error.__cause__!r}"
    assert b"secret" not in heard


async def test_a_certificate_that_is_trusted_is_not_blamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What listens is no Neo4j, and its certificate is in order."""
    certificate, key = await asyncio.to_thread(make_certificate, tmp_path / "own", "localhost", -DAY, DAY)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    error, heard = await refusal_of("bolt+s", certificate, key)
    assert "certificate" not in str(error)
    assert heard.startswith(b"\x60\x60\xb0\x17")

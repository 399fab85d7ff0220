"""Opening the memory that a command is about, and finding whose memory is meant."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphmem.cli.leaving import Terminated
from graphmem.cli.settings import Settings

if TYPE_CHECKING:
    from graphmem.config import MemLayerConfig
    from graphmem.memory import MemLayer

Result = TypeVar("Result")
_SHOWN = 10


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's asynchronous part. SIGTERM cancels it, so that it closes what it opened.

    Raises:
        Terminated: it did.
    """
    before = signal.getsignal(signal.SIGTERM)
    try:
        return asyncio.run(_until_told_to_end(work))
    finally:
        with contextlib.suppress(ValueError):  # in another thread than the main one
            signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


async def _until_told_to_end(work: Coroutine[Any, Any, Result]) -> Result:
    task, told = asyncio.ensure_future(work), False

    def end() -> None:
        nonlocal told
        if not told:
            told = True
            task.cancel()

    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # on Windows, in another thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    try:
        return await task
    except asyncio.CancelledError:
        if told:
            raise Terminated from None
        raise


@asynccontextmanager
async def opened_to_ask(settings: Settings, **overrides: Any) -> AsyncIterator[MemLayer]:
    """Open a memory that must exist, to read from it or delete; nothing is extracted, so no model is loaded.

    Args:
        settings: the common options.
        overrides: further settings of the configuration.

    Raises:
        click.ClickException: there is no such database.
        GraphMemError: it cannot be opened.
    """
    async with opened(settings, must_exist=True, **{**overrides, "extractor": "none"}) as memory:
        yield memory


@asynccontextmanager
async def opened(settings: Settings, *, must_exist: bool, **overrides: Any) -> AsyncIterator[MemLayer]:
    """Open the memory of ``--url`` and close it at the end.

    Args:
        settings: the common options.
        must_exist: refuse a database file that is not there, instead of making an empty one.
        overrides: further settings of the configuration.

    Raises:
        click.ClickException: there is no such database.
        GraphMemError: it cannot be opened.
    """
    from graphmem.cli.logs import log_notes
    from graphmem.memory import MemLayer

    config = settings.config(**overrides)
    if must_exist:
        _must_exist(config)
    with log_notes():
        async with MemLayer(config=config) as memory:
            yield memory


async def chosen_user(memory: MemLayer, settings: Settings) -> str:
    """Return the user of ``--user``, or the only user of the store.

    Raises:
        click.ClickException: the user is unknown, there are several to choose from, or none at all.
    """
    if settings.user is not None:
        known = await memory.stats(user_id=settings.user)
        if known.messages or known.facts or known.sessions:
            return settings.user
    users = await memory.users()
    if not users:
        raise click.ClickException("nothing is stored here yet; graphmem ingest FILE stores a transcript")
    if settings.user is not None:
        raise click.ClickException(f"no such user {settings.user!r}; the store has {listed(users)}")
    if len(users) > 1:
        raise click.UsageError(f"the store has several users, so add --user with one of {listed(users)}")
    return users[0]


async def named_user(memory: MemLayer, settings: Settings) -> str | None:
    """Return the user of ``--user``, or None for everybody.

    Raises:
        click.ClickException: the user is unknown.
    """
    return None if settings.user is None else await chosen_user(memory, settings)


def listed(names: list[str]) -> str:
    """Return the first ten names and how many more there are."""
    shown = ", ".join(sorted(names)[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def place_of(config: MemLayerConfig) -> str:
    """Return where a configuration's store is, as ``--url`` would name it."""
    from graphmem.config import DEFAULT_SQLITE_PATH

    return str(config.connection_url or DEFAULT_SQLITE_PATH)


def _must_exist(config: MemLayerConfig) -> None:
    if config.provider != "sqlite":
        return
    place = place_of(config)
    if place == ":memory:":
        raise click.UsageError("':memory:' holds nothing when a command starts; give --url a file or a server")
    if is_missing(config):
        if config.connection_url is None:
            raise click.ClickException(
                f"no such database {place!r} here; graphmem ingest FILE makes one, and graphmem demo shows how it works"
            )
        raise click.ClickException(f"no such database {place!r}; graphmem ingest FILE --url {place} makes one")


def is_missing(config: MemLayerConfig) -> bool:
    """Return whether a configuration's store is a file that is not there yet."""
    place = place_of(config)
    return config.provider == "sqlite" and place != ":memory:" and not Path(place).exists()

"""The options that every command has, before or after its name, and the configuration that they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from graphmem.config import MemLayerConfig

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(slots=True)
class Settings:
    """What the common options said.

    Args:
        url: ``--url``, or None.
        user: ``--user``, or None.
        json: whether ``--json`` was given.
    """

    url: str | None = None
    user: str | None = None
    json: bool = False

    def config(self, **overrides: Any) -> MemLayerConfig:
        """Return the configuration of the environment with ``--url`` and ``overrides`` on top.

        Raises:
            ConfigError: a setting is invalid.
        """
        from graphmem.config import MemLayerConfig, provider_of

        if self.url is not None:
            overrides = {"connection_url": self.url, "provider": provider_of(self.url), **overrides}
        return MemLayerConfig.from_env(**overrides)


class Count(click.IntRange):
    """A number of things, from one to ``most``."""

    def __init__(self, most: int) -> None:
        super().__init__(min=1, max=most)
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; one that is too large is refused with the largest that is not."""
        number = click.INT.convert(value, param, ctx)
        if number > self._most:
            self.fail(f"{number} is too large; at most {self._most:,}", param, ctx)
        return int(super().convert(number, param, ctx))


ONLY_USER = "The user; default: the only one of the store."
STORE = "A path, or a bolt:// or neo4j:// URL; default: GRAPHMEM_URL, else graphmem.db."


def common_options(*, user: str = ONLY_USER, url: str = STORE) -> Callable[[Command], Command]:
    """Give a command the options ``--url``, ``--user`` and ``--json``; the nearest one to the end of the line counts.

    Args:
        user: the help of ``--user``: what the command does with it and without.
        url: the help of ``--url``.
    """
    options = (
        click.option("--json", is_flag=True, default=None, help="Print JSON, and nothing else, on stdout.", **_kept()),
        click.option("--user", metavar="ID", help=user, **_kept()),
        click.option("--url", metavar="URL", help=url, **_kept()),
    )

    def decorate(command: Command) -> Command:
        for option in options:
            command = option(command)
        return command

    return decorate


def settings_of(ctx: click.Context) -> Settings:
    """Return the settings of a running command."""
    return ctx.ensure_object(Settings)


def _kept() -> dict[str, Any]:
    return {"expose_value": False, "callback": _keep}


def _keep(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    if value is None or parameter.name is None:
        return
    if value == "":
        raise click.BadParameter("it is empty; leave it away for the default", ctx, parameter)
    if parameter.name == "url" and str(value).startswith("file:"):
        raise click.BadParameter(f"{value!r} is no path; leave 'file:' away", ctx, parameter)
    setattr(settings_of(ctx), parameter.name, value)

"""Settings, validated when they are made."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from graphmem.errors import ConfigError
from graphmem.limits import Limits

if TYPE_CHECKING:
    from extraction.base import Extractor
    from extraction.catalogue import Catalogue
    from graphmem.records import Message

Embedder = Callable[[list[str]], Awaitable[Sequence[Sequence[float]]]]

SUMMARIZERS = ("auto", "extractive", "llm", "none")
EMBEDDERS = ("openai", "sentence-transformers")
EXTRACTORS = ("auto", "local", "rules", "llm", "hybrid", "none")
NEO4J_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
DEFAULT_SQLITE_PATH = "graphmem.db"


@runtime_checkable
class Summarizer(Protocol):
    """Rewrites the summary of a session when messages have left the buffer. Keeps no state between calls."""

    async def summarize(self, summary: str, messages: Sequence[Message]) -> str:
        """Return a summary that takes the place of ``summary`` and covers ``messages`` as well.

        It is called in the background, at most once at a time for a session. After a message was forgotten it is called with
        an empty ``summary`` and what is left.

        Args:
            summary: the summary so far; empty at first.
            messages: what came after it, oldest first; seldom more than `graphmem.summarize.keeper.PORTION`.

        Raises:
            graphmem.summarize.SummaryError: not now; the summary stays as it was, and the same is asked for later.
        """
        ...


@dataclass(frozen=True, slots=True)
class LLMConfig:
    """An OpenAI-compatible endpoint.

    Args:
        model: the model's name.
        base_url: the endpoint; None for the client's default.
        api_key: the key; None lets the client read its own environment variable. Never shown in a repr.
        timeout: seconds for one call; of a long conversation for each part that one request reads.
        concurrency: how many calls are under way at a time. All memories of a process that use one endpoint count together.
        requests_per_minute: how many requests are started in a minute at most, counted likewise; None for no limit.
    """

    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    concurrency: int = 8
    requests_per_minute: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.model, str) or not self.model.strip():
            raise ConfigError("llm.model", self.model, "the name of a model, as in LLMConfig(model='gpt-4o-mini')")
        _positive("llm.timeout", self.timeout, "a number of seconds above 0")
        _whole("llm.concurrency", self.concurrency, 1)
        if self.requests_per_minute is not None:
            _positive("llm.requests_per_minute", self.requests_per_minute, "a number above 0, or None")


@dataclass(frozen=True, slots=True)
class MemLayerConfig:
    """Settings of a `graphmem.MemLayer`.

    Args:
        provider: ``"sqlite"``, ``"neo4j"`` or the name of a ``graphmem.stores`` entry point.
        connection_url: sqlite: a path (default ``graphmem.db`` in the working directory) or ``":memory:"``; neo4j: a
            ``bolt://`` or ``neo4j://`` URL (``+s`` and ``+ssc`` for TLS).
        auth: neo4j: (user, password), or None for no authentication. Never shown in a repr.
        database: neo4j: the database's name, or None for the server's default.
        ttl: seconds after which a message leaves the buffer, the search and in the end the store; None keeps all.
        ttl_facts: facts are volatile too.
        buffer_size: newest messages of the session in a context.
        max_tokens: budget of a context, in tokens as counted by `graphmem.compose.count_tokens`; below 64 the newest turn may
            exceed it.
        extractor: one of `EXTRACTORS`, or any object with the `extraction.Extractor` protocol.
        catalogue: the relations, where they are more than version 1: a `extraction.Catalogue`, or "MODULE:NAME" of one, or of an
            extractor that has one, to be imported when the memory opens. None: those of the extractor.
        llm: the language model for the extractors "llm" and "hybrid".
        summarizer: one of `SUMMARIZERS`, or any object with the `graphmem.summarize.Summarizer` protocol: what becomes of messages
            that leave the buffer. "auto" is the language model when one is configured, else "extractive".
        embedder: finds memories by their meaning too. "local" is a small model in the package; or "openai",
            "openai:MODEL", "sentence-transformers:MODEL", an async callable from texts to vectors; None for none. A callable's
            ``model`` or ``name`` tells one model from another.
        embedder_timeout: seconds that a question may take to be embedded; then it is answered by its words alone.
        rerank: messages that a question's words find are also ranked by meaning, with the small model in the package: offline, one or two
            milliseconds a question and a message, 260 bytes a message. An embedder, where one is set, does that and more.
        limits: what is taken at most.

    Raises:
        ConfigError: a setting is invalid; names the field, the value and what is allowed.
    """

    provider: str = "sqlite"
    connection_url: str | None = None
    auth: tuple[str, str] | None = field(default=None, repr=False)
    database: str | None = None
    ttl: float | None = None
    ttl_facts: bool = False
    buffer_size: int = 8
    max_tokens: int = 1000
    extractor: str | Extractor = "auto"
    catalogue: Catalogue | str | None = None
    llm: LLMConfig | None = None
    summarizer: str | Summarizer = "auto"
    embedder: Embedder | str | None = None
    embedder_timeout: float = 1.0
    rerank: bool = True
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        from graphmem.stores.registry import known_providers

        if self.provider not in known_providers():
            raise ConfigError("provider", self.provider, f"one of {', '.join(known_providers())}")
        if self.connection_url is not None and not isinstance(self.connection_url, str | os.PathLike):
            raise ConfigError("connection_url", self.connection_url, "a path or a URL, or None")
        if self.provider == "neo4j":
            self._check_neo4j_url()
        if self.provider == "sqlite" and self.connection_url is not None and "://" in str(self.connection_url):
            raise ConfigError(
                "connection_url",
                self.connection_url,
                "a path or ':memory:' for provider 'sqlite'; for a server set provider='neo4j'",
            )
        if self.auth is not None and not (
            isinstance(self.auth, tuple | list)
            and len(self.auth) == 2
            and all(isinstance(part, str) for part in self.auth)
        ):
            raise ConfigError("auth", "(not shown)", "a pair (user, password) of texts, or None")
        if self.ttl is not None:
            _positive("ttl", self.ttl, "a number of seconds above 0, or None")
        for name in ("ttl_facts", "rerank"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(name, getattr(self, name), "True or False")
        if self.llm is not None and not isinstance(self.llm, LLMConfig):
            raise ConfigError("llm", self.llm, "LLMConfig(model=...), or None")
        if not isinstance(self.limits, Limits):
            raise ConfigError("limits", self.limits, "Limits(...), as in Limits(message_chars=5_000_000)")
        _whole("buffer_size", self.buffer_size, 0)
        _whole("max_tokens", self.max_tokens, 1)
        self._check_extractor()
        self._check_catalogue()
        self._check_summarizer()
        self._check_embedder()

    def _check_neo4j_url(self) -> None:
        url = self.connection_url
        if not url or url.partition("://")[0] not in NEO4J_SCHEMES or not url.partition("://")[2]:
            raise ConfigError(
                "connection_url",
                url,
                "a URL such as neo4j://localhost:7687 or bolt://localhost:7687 for provider 'neo4j'",
            )

    def _check_extractor(self) -> None:
        if isinstance(self.extractor, str):
            if self.extractor not in EXTRACTORS:
                raise ConfigError(
                    "extractor",
                    self.extractor,
                    f"one of {', '.join(EXTRACTORS)}, or an object with an async extract(turns, context)",
                )
            if self.extractor in ("llm", "hybrid") and self.llm is None:
                raise ConfigError(
                    "extractor", self.extractor, "it needs a language model: set llm=LLMConfig(model=...)"
                )
        elif not callable(getattr(self.extractor, "extract", None)):
            raise ConfigError(
                "extractor",
                self.extractor,
                f"one of {', '.join(EXTRACTORS)}, or an object with an async extract(turns, context)",
            )

    def _check_catalogue(self) -> None:
        from extraction.catalogue import Catalogue

        named = isinstance(self.catalogue, str) and re.fullmatch(r"\w+(\.\w+)*:\w+", self.catalogue)
        if not named and self.catalogue is not None and not isinstance(self.catalogue, Catalogue):
            allowed = "an extraction.Catalogue, MODULE:NAME of one or of an extractor, or None"
            raise ConfigError("catalogue", self.catalogue, allowed)

    def _check_summarizer(self) -> None:
        named = isinstance(self.summarizer, str)
        if self.summarizer not in SUMMARIZERS if named else not callable(getattr(self.summarizer, "summarize", None)):
            allowed = f"one of {', '.join(SUMMARIZERS)}, or an object with an async summarize(summary, messages)"
            raise ConfigError("summarizer", self.summarizer, allowed)
        if self.summarizer == "llm" and self.llm is None:
            raise ConfigError("summarizer", "llm", "it needs a language model: set llm=LLMConfig(model=...)")

    def _check_embedder(self) -> None:
        if isinstance(self.embedder, str):
            kind, _, model = self.embedder.partition(":")
            allowed = self.embedder in ("local", "openai") or (kind in EMBEDDERS and bool(model.strip()))
        else:
            allowed = self.embedder is None or callable(self.embedder)
        if not allowed:
            known = "local, openai, openai:MODEL, sentence-transformers:MODEL, an async callable from texts to vectors, or None"
            raise ConfigError("embedder", self.embedder, f"one of {known}")
        _positive("embedder_timeout", self.embedder_timeout, "a number of seconds above 0")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **overrides: object) -> MemLayerConfig:
        """Read settings from environment variables; ``overrides`` win over them.

        GRAPHMEM_PROVIDER, GRAPHMEM_URL, GRAPHMEM_USER, GRAPHMEM_PASSWORD, GRAPHMEM_DATABASE, GRAPHMEM_TTL, GRAPHMEM_TTL_FACTS,
        GRAPHMEM_BUFFER_SIZE, GRAPHMEM_MAX_TOKENS, GRAPHMEM_EXTRACTOR, GRAPHMEM_CATALOGUE, GRAPHMEM_LLM_MODEL, GRAPHMEM_LLM_TIMEOUT,
        GRAPHMEM_LLM_CONCURRENCY, GRAPHMEM_LLM_REQUESTS_PER_MINUTE,
        GRAPHMEM_SUMMARIZER, GRAPHMEM_EMBEDDER, GRAPHMEM_EMBEDDER_TIMEOUT, GRAPHMEM_RERANK, OPENAI_API_KEY, OPENAI_BASE_URL;
        GRAPHMEM_LIMIT_MESSAGE_CHARS and so on for `Limits`. Without GRAPHMEM_PROVIDER the URL decides.

        Args:
            environ: the variables; None for the process's own.

        Raises:
            ConfigError: a variable is invalid; named by its setting.
        """
        env = os.environ if environ is None else environ
        settings: dict[str, object] = {"limits": Limits.from_env(env)}
        url = env.get("GRAPHMEM_URL")
        if url:
            settings["connection_url"] = url
        provider = env.get("GRAPHMEM_PROVIDER") or provider_of(url)
        settings["provider"] = provider
        if env.get("GRAPHMEM_PASSWORD"):
            settings["auth"] = (env.get("GRAPHMEM_USER", "neo4j"), env["GRAPHMEM_PASSWORD"])
        for name in ("database", "extractor", "catalogue", "summarizer", "embedder"):
            if value := env.get(f"GRAPHMEM_{name.upper()}"):
                settings[name] = value
        for name, number in (("ttl", float), ("buffer_size", int), ("max_tokens", int), ("embedder_timeout", float)):
            if value := env.get(f"GRAPHMEM_{name.upper()}"):
                settings[name] = _parsed(f"GRAPHMEM_{name.upper()}", value, number)
        for name in ("ttl_facts", "rerank"):
            if value := env.get(f"GRAPHMEM_{name.upper()}"):
                settings[name] = _flag(f"GRAPHMEM_{name.upper()}", value)
        if model := env.get("GRAPHMEM_LLM_MODEL"):
            timeout = _parsed("GRAPHMEM_LLM_TIMEOUT", env.get("GRAPHMEM_LLM_TIMEOUT", "30"), float)
            concurrency = _parsed("GRAPHMEM_LLM_CONCURRENCY", env.get("GRAPHMEM_LLM_CONCURRENCY", "8"), int)
            pace = env.get("GRAPHMEM_LLM_REQUESTS_PER_MINUTE")
            settings["llm"] = LLMConfig(
                model,
                env.get("OPENAI_BASE_URL"),
                env.get("OPENAI_API_KEY"),
                timeout,
                int(concurrency),
                _parsed("GRAPHMEM_LLM_REQUESTS_PER_MINUTE", pace, float) if pace else None,
            )
        return cls(**{**settings, **overrides})  # type: ignore[arg-type]  # checked by __post_init__


def provider_of(url: str | None) -> str:
    """Return the built-in provider that a URL or path belongs to."""
    return "neo4j" if url and url.partition("://")[0] in NEO4J_SCHEMES else "sqlite"


def _positive(name: str, value: object, allowed: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise ConfigError(name, value, allowed)


def _whole(name: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(name, value, f"a whole number of at least {least}")


def _parsed(name: str, value: str, number: Callable[[str], float]) -> float:
    try:
        return number(value)
    except ValueError:
        raise ConfigError(name, value, "a number") from None


def _flag(name: str, value: str) -> bool:
    if value.casefold() in ("1", "true", "yes", "on"):
        return True
    if value.casefold() in ("0", "false", "no", "off"):
        return False
    raise ConfigError(name, value, "true or false")

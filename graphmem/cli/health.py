"""What ``graphmem doctor`` looks at: each check tries the real thing and tells what it found and what to do."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from graphmem.cli.opening import is_missing, place_of
from graphmem.cli.settings import Settings

if TYPE_CHECKING:
    from graphmem.config import LLMConfig, MemLayerConfig

State = Literal["ok", "warning", "failed", "absent"]
SENTENCE = "My name is Ana and I live in Porto."
"""What the extractors are tried with."""
_EXPECTED = ("LIVES_IN", "porto")
_REINSTALL = "install graphmem again: pip install --force-reinstall --no-deps graphmem"


@dataclass(frozen=True, slots=True)
class Checkup:
    """What a check found.

    Args:
        name: what was looked at.
        state: "ok"; "warning": it works, but not as it should; "failed": it is wanted and does not work; "absent": it is not
            wanted, or not installed.
        found: what was found, in one line.
        advice: what to do, or None.
    """

    name: str
    state: State
    found: str
    advice: str | None = None


async def check_all(settings: Settings) -> list[Checkup]:
    """Look at everything that the settings and the environment ask for. Nothing is raised, and no secret is in the result."""
    from graphmem.cli.wording import in_own_words
    from graphmem.errors import ConfigError

    checkups = [_installation()]
    config: MemLayerConfig | None = None
    try:
        config = settings.config()
    except ConfigError as error:
        checkups.append(
            Checkup(
                "settings", "failed", in_own_words(error), "set it right; the store and the language model wait for it"
            )
        )
    if config is not None:
        checkups.append(await _tried("store", lambda: _store(config)))
        checkups.append(await _tried("language model", lambda: _language_model(config)))
        checkups.append(await _tried("embedder", lambda: _embedder(config)))
    checkups += [
        await _tried("offline extractor", _offline),
        await _tried("spaCy", _spacy),
        await _tried("memory", _memory),
        await _tried("FastAgent", _fastagent),
        _package("memlayer", "memlayer", "pip install 'graphmem[memlayer]' to keep memlayer's graph here"),
    ]
    secrets = secrets_of(settings, os.environ.items())
    return [
        Checkup(c.name, c.state, hidden(c.found, secrets), None if c.advice is None else hidden(c.advice, secrets))
        for c in checkups
    ]


def secrets_of(settings: Settings, environ: Iterable[tuple[str, str]]) -> list[str]:
    """Return what must not be shown: keys and passwords of the environment, and what URLs have before their ``@``."""
    secrets = []
    for name, value in [("--url", settings.url or ""), *environ]:
        if re.search(r"PASSWORD|API_KEY|ADMIN_KEY|TOKEN|SECRET", name):
            secrets.append(value)
        if name in ("--url", "GRAPHMEM_URL", "OPENAI_BASE_URL"):
            before, at, _ = value.partition("://")[2].rpartition("@")
            secrets += [before, before.partition(":")[2]] if at else []
            secrets.append(value.partition("?")[2])
    return sorted({s for s in secrets if s}, key=len, reverse=True)


def hidden(text: str, secrets: Iterable[str]) -> str:
    """Return ``text`` with stars for the secrets.

    >>> hidden("neo4j://ana:hunter2@db", ["ana:hunter2", "hunter2"])
    'neo4j://***@db'
    """
    for secret in secrets:
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text)
    return text


async def _tried(name: str, check: Callable[[], Awaitable[Checkup]]) -> Checkup:
    """Run a check; whatever it raises is its finding. A part that is broken may raise anything."""
    from graphmem.cli.wording import in_own_words
    from graphmem.errors import ConfigError

    try:
        return await check()
    except ConfigError as error:
        return Checkup(name, "failed", in_own_words(error))
    except ImportError as error:
        return Checkup(name, "failed", f"{error.name or 'a package'} cannot be imported: {error}", _REINSTALL)
    except Exception as error:
        return Checkup(name, "failed", str(error) or type(error).__name__)


def _installation() -> Checkup:
    import graphmem

    python = ".".join(map(str, sys.version_info[:3]))
    return Checkup(
        "graphmem", "ok", f"{graphmem.__version__} with Python {python}, in {Path(graphmem.__file__).parent}"
    )


async def _store(config: MemLayerConfig) -> Checkup:
    from dataclasses import replace

    from graphmem.memory import MemLayer

    place = place_of(config)
    what = f"{config.provider} at {place}"
    if is_missing(config):
        return _place_for_a_file(Path(place))
    if config.provider == "neo4j":
        if "@" in place:
            advice = "take them out, and set GRAPHMEM_USER and GRAPHMEM_PASSWORD"
            return Checkup("store", "failed", f"{place}: a name and a password do not belong in the URL", advice)
        what = f"{await _server(config)} at {place}"
    async with MemLayer(replace(config, extractor="none", llm=None, summarizer="none", embedder=None)) as memory:
        stats = await memory.stats()
    found = f"{what}: {stats.users} users, {stats.messages} messages, {stats.facts} facts"
    if stats.pending:
        advice = "graphmem pending says why, and graphmem pending --retry reads them"
        return Checkup("store", "warning", f"{found}; {stats.pending} messages wait for their facts", advice)
    return Checkup("store", "ok", found)


def _place_for_a_file(path: Path) -> Checkup:
    folder = path.absolute().parent
    if not folder.is_dir():
        return Checkup("store", "failed", f"the folder {folder} is not there", "create it, or give --url another path")
    if not os.access(folder, os.W_OK):
        return Checkup("store", "failed", f"nothing can be written in {folder}", "allow it, or give --url another path")
    return Checkup(
        "store", "ok", f"sqlite at {path}: nothing is stored yet", "graphmem ingest FILE or graphmem chat begins"
    )


async def _server(config: MemLayerConfig) -> str:
    """Connect without making anything, and return the server's name and version."""
    from graphmem.stores.neo4j.connection import connect

    connection = await connect(config)
    try:
        with connection.mapped_errors():
            return str((await connection.driver.get_server_info()).agent)
    finally:
        await connection.close()


async def _language_model(config: MemLayerConfig) -> Checkup:
    llm = config.llm
    if llm is None:
        return Checkup(
            "language model",
            "absent",
            "none is configured; facts are read offline",
            "for one: set GRAPHMEM_LLM_MODEL, and OPENAI_API_KEY or OPENAI_BASE_URL",
        )
    return await _ask(config, llm)


async def _ask(config: MemLayerConfig, llm: LLMConfig) -> Checkup:
    """Let the model read a sentence as it reads all others."""
    from dataclasses import replace

    from extraction import ExtractionError, Turn
    from graphmem.extractors import make_extractor

    extractor, _ = make_extractor(replace(config, extractor="llm"))
    assert extractor is not None  # noqa: S101 - "llm" is one
    where = _host(llm.base_url or os.environ.get("OPENAI_BASE_URL"))
    advice = "check GRAPHMEM_LLM_MODEL, OPENAI_BASE_URL and OPENAI_API_KEY"
    try:
        if not await _is_reachable(llm):
            return Checkup("language model", "failed", f"{where} cannot be reached", advice)
        facts = (await extractor.extract([Turn(role="user", text=SENTENCE)])).facts
    except ExtractionError as error:
        return Checkup("language model", "failed", str(error), advice)
    finally:
        await _close(extractor)
    if any((f.predicate, f.object.name.casefold()) == _EXPECTED for f in facts):
        return Checkup("language model", "ok", f"{llm.model} at {where} answers, and read the facts of a sentence")
    found = f"{llm.model} at {where} answers, but did not find the facts of {SENTENCE!r}"
    return Checkup("language model", "warning", found, "a larger model may; the offline extractor does")


async def _embedder(config: MemLayerConfig) -> Checkup:
    """Let the model embed two sentences as it embeds all others; without an embedder the one that ranks."""
    from graphmem.embed import EmbeddingError, make_embedder, make_short_embedder

    embedder = make_embedder(config)
    model = make_short_embedder(config) if embedder is None and config.rerank else embedder
    advice = "for one: set GRAPHMEM_EMBEDDER, to local (in the package, offline) or openai"
    if model is None:
        return Checkup(
            "embedder", "absent", "none is configured; memories are found by words, names and the graph", advice
        )
    try:
        vectors = await model.embed([SENTENCE, "Where is my home?"])
    except EmbeddingError as error:
        check = "check GRAPHMEM_EMBEDDER, OPENAI_BASE_URL and OPENAI_API_KEY; until then words alone are searched"
        return Checkup("embedder", "failed", str(error), check if embedder else "until then words alone decide")
    finally:
        await model.aclose()
    if embedder is None:
        found = "none is configured; what words find is ranked by meaning, with the model in the package"
        return Checkup("embedder", "absent", found, advice)
    if vectors[0] == vectors[1]:
        return Checkup(
            "embedder", "warning", f"{model.name} gives two sentences the same vector", "choose another model"
        )
    return Checkup("embedder", "ok", f"{model.name} answers with vectors of {model.space.size} numbers")


async def _is_reachable(llm: LLMConfig) -> bool:
    """Whether anything answers. An extractor would try again for as long as its time lasts, which is too long to wait here."""
    from openai import APIConnectionError, AsyncOpenAI, OpenAIError

    key = llm.api_key or os.environ.get("OPENAI_API_KEY") or "none"
    async with AsyncOpenAI(api_key=key, base_url=llm.base_url, max_retries=0, timeout=llm.timeout) as client:
        try:
            await client.models.list()
        except APIConnectionError:
            return False
        except OpenAIError:
            return True  # many servers have no list of models
    return True


async def _close(extractor: object) -> None:
    close = getattr(extractor, "aclose", None)
    if close is not None:
        await close()


def _host(url: str | None) -> str:
    address = urlsplit(url) if url else None
    if address is None or not address.hostname:
        return "the client's default endpoint"
    return f"{address.hostname}:{address.port}" if address.port else address.hostname


async def _offline() -> Checkup:
    from extraction import LocalExtractor, Turn
    from extraction.local.tagger import MODEL, Tagger

    tagger = Tagger()
    tagger.propose(SENTENCE)
    facts = (await LocalExtractor(proposer=tagger).extract([Turn(role="user", text=SENTENCE)])).facts
    if not any((f.predicate, f.object.name.casefold()) == _EXPECTED for f in facts):
        return Checkup("offline extractor", "failed", f"it did not find the facts of {SENTENCE!r}", _REINSTALL)
    size = sum(file.stat().st_size for file in MODEL.iterdir()) / 1e6
    return Checkup("offline extractor", "ok", f"rules and the model in the package ({size:.0f} MB) read a sentence")


async def _spacy() -> Checkup:
    from extraction import pipeline

    doc = pipeline("rules")(SENTENCE)
    if not doc.spans["facts"]:
        return Checkup("spaCy", "failed", f"{version('spacy')}: the component graphmem_facts found nothing", _REINSTALL)
    return Checkup(
        "spaCy", "ok", f"{version('spacy')} with the component graphmem_facts; no model of spaCy's is needed"
    )


async def _memory() -> Checkup:
    """Keep, recall and query something in a memory that is gone afterwards."""
    from graphmem.config import MemLayerConfig
    from graphmem.memory import MemLayer

    async with MemLayer(MemLayerConfig(connection_url=":memory:", extractor="rules", summarizer="none")) as memory:
        await memory.store("s", {"input": SENTENCE}, user_id="u")
        context = await memory.get_context("t", user_id="u", query="Where do I live?")
        rows = await memory.cypher("MATCH (:User)-[:LIVES_IN]->(p) RETURN p.name AS city", user_id="u")
    if "Porto" not in str(context) or rows != [{"city": "Porto"}]:
        return Checkup("memory", "failed", "what was stored was not recalled", _REINSTALL)
    return Checkup("memory", "ok", f"stores, recalls and answers Cypher (kglite {version('kglite')})")


async def _fastagent() -> Checkup:
    install = "pip install 'graphmem[fastagent]', with Python 3.12 or newer"
    found = _package("FastAgent", "fast-agent-mcp", install, module="fast_agent")
    if found.state != "ok":
        return found
    import graphmem.fastagent  # noqa: F401 - whether it can be is the question

    return Checkup("FastAgent", "ok", f"{found.found}, and graphmem.fastagent fits it")


def _package(name: str, distribution: str, advice: str, *, module: str | None = None) -> Checkup:
    if find_spec(module or distribution) is None:
        return Checkup(name, "absent", "not installed; nothing here needs it", advice)
    try:
        return Checkup(name, "ok", version(distribution))
    except PackageNotFoundError:
        return Checkup(name, "ok", "of an unknown version")

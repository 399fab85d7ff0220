"""The facade: every verb that users call, a thin shell around the store, the outbox, the recall and the pure decisions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from extraction.catalogue import Catalogue
from extraction.records import USER_LABEL
from graphmem import arguments
from graphmem.checking import unknown_relations
from graphmem.clock import utc_now
from graphmem.config import MemLayerConfig
from graphmem.errors import ConfigError, CypherNotAllowed, ExtractionPending, StoreError
from graphmem.expiry import Expiry
from graphmem.filtering import FactFilter, parse_moment, parse_status
from graphmem.identity import user_entity
from graphmem.interaction import check_id, parse_interaction
from graphmem.reconcile import derive, forgotten
from graphmem.records import Context, Fact, FactStatus, Finding, Forgotten, Hit, Message, PendingJob, Stats, StoreResult
from graphmem.speaking import user_of
from graphmem.stores.base import Changes, Gone, Ledger, LedgerUpdate, NewInteraction, Selection, Store
from graphmem.stores.inspecting import InspectedStore
from graphmem.turn import AsyncTurn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extraction.base import Extractor
    from graphmem.cypher import UserData
    from graphmem.embed import EmbeddingKeeper, Reranker
    from graphmem.outbox import Outbox
    from graphmem.page.graph import MemoryGraph
    from graphmem.stores.embedding import Similar
    from graphmem.summarize import SummaryKeeper

logger = logging.getLogger(__name__)


class MemLayer:
    """Long-term memory for LLM agents.

    Making one does no I/O; the store opens on first use. All verbs are coroutines and may be called concurrently from
    one event loop. Close it with `aclose` or use it as an async context manager.

    Args:
        config: the settings; None for the defaults (one SQLite file in the working directory).

    Every verb raises `graphmem.errors.StoreUnavailable` when the store cannot be reached and
    `graphmem.errors.StoreError` when it fails; further errors stand with the verbs.
    """

    def __init__(self, config: MemLayerConfig | None = None) -> None:
        if config is not None and not isinstance(config, MemLayerConfig):
            raise ConfigError("config", config, "a MemLayerConfig, as in MemLayer(config=MemLayerConfig(...))")
        self.config = config or MemLayerConfig()
        self._store: Store | None = None
        self._outbox: Outbox | None = None
        self._extractor: Extractor | None = None
        self._summaries: SummaryKeeper | None = None
        self._embeddings: EmbeddingKeeper | None = None
        self._reranker: Reranker | None = None
        self._catalogue = Catalogue()
        self._opening = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._waits = True
        self._expiry = Expiry(self.config.ttl, with_facts=self.config.ttl_facts, revise=self._revise)

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def store(
        self,
        session_id: str,
        interaction: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        user_id: str | None = None,
        wait: bool | None = None,
    ) -> StoreResult:
        """Keep an interaction. When this returns, its messages are durable.

        Args:
            session_id: the conversation. It belongs to one user for ever.
            interaction: ``{"input", "output", "at"?, "id"?, "metadata"?}`` or a list of OpenAI-style messages.
            user_id: whose memory; None means the session's user; for a new session whoever is speaking in it
                (`graphmem.speaking`), else the session id.
            wait: wait for the facts. None: offline extractors are waited for, a language model is not; with both, the
                result holds what was read offline, and is pending.

        Raises:
            InvalidInteraction: ``interaction`` or an id is malformed. Nothing is stored then.
            LimitExceeded: it is too large, or the session full; see `graphmem.Limits`. Nothing is stored then.
            SessionOwnerError: the session belongs to another user.
            IdempotencyConflict: a message id came again with another text.
        """
        store, outbox = await self._open()
        check_id(session_id, "session_id")
        user_id = user_of(session_id, user_id)
        _check_ids(user_id=user_id)
        if wait is not None:
            arguments.flag("wait", wait)
        now, waits = utc_now(), self._waits if wait is None else wait
        limits = self.config.limits
        messages = parse_interaction(interaction, now=now, limits=limits)
        if self._reranker is not None:
            messages = await self._reranker.with_vectors(messages)
        new = NewInteraction(
            session_id=session_id,
            user_id=user_id,
            messages=messages,
            now=now,
            most=limits.session_messages,
        )
        if outbox is None:
            appended, work = await store.append(new), None
        else:
            appended, work = await outbox.append(new, waited_for=waits)
        self._expiry.in_passing(store, appended.user_id, now)
        last = max(m.seq for m in appended.messages)
        if self._summaries is not None and self._summaries.is_due(last, appended.summarized):
            self._summaries.schedule(session_id)
        self._embed(appended.user_id, min(m.at for m in appended.messages))
        ids = tuple(m.id for m in appended.messages)
        new_ids = tuple(id for id in ids if id in appended.new_ids)
        if work is None or outbox is None:
            return StoreResult(ids, pending=False, facts=(), new_ids=new_ids)
        at_once = await asyncio.shield(work.at_once)
        done = await outbox.outcome(work) if waits else None
        if done is None:
            return StoreResult(ids, pending=True, facts=at_once, new_ids=new_ids)
        facts = {f.id: f for f in (*at_once, *done.facts) if f.id not in done.removed}
        return StoreResult(
            ids, pending=done.error is not None, facts=tuple(facts.values()), new_ids=new_ids, usage=done.usage
        )

    async def get_context(
        self, session_id: str, user_id: str | None = None, query: str | None = None, max_tokens: int | None = None
    ) -> Context:
        """Compose what the next prompt should know: facts, related older messages and the newest turns, in one read.

        Args:
            session_id: the conversation; it may be new.
            user_id: whose memory; None means the session's user.
            query: what it is needed for; None means the session's last user message.
            max_tokens: budget; None means the configured one. One below 64 counts as 64 when the session has messages:
                the newest turn is always kept.

        Raises:
            SessionOwnerError: the session belongs to another user.
        """
        from graphmem import recall

        store, _ = await self._open()
        check_id(session_id, "session_id")
        user_id = user_of(session_id, user_id)
        _check_ids(user_id=user_id)
        before = self._expiry.not_before(utc_now())
        return await recall.get_context(
            store,
            session_id=session_id,
            user_id=user_id,
            query=arguments.text_or_none("query", query),
            buffer_size=self.config.buffer_size,
            max_tokens=arguments.whole_or_none("max_tokens", max_tokens, 1) or self.config.max_tokens,
            not_before=before,
            facts_not_before=before if self.config.ttl_facts else None,
            similar=await self._similar_to(query),
            reranker=self._reranker,
        )

    def turn(self, session_id: str, user_id: str | None, text: str, max_tokens: int | None = None) -> AsyncTurn:
        """Return one turn of a conversation: ``async with memory.turn("s1", "alice", text) as turn:``.

        ``turn.messages`` goes to the model: what is known as one system message, and the text. ``turn.reply`` is set to its
        answer in the block. When the block ends, both are stored; when it raises or is cancelled, nothing is.

        Args:
            session_id, user_id, max_tokens: as for `get_context`.
            text: what the user says.

        Raises:
            InvalidInteraction: an id or ``text`` is not valid; at the end of the block, ``turn.reply`` is not a text.
            SessionOwnerError: the session belongs to another user.
        """
        return AsyncTurn(self, session_id, user_id, text, max_tokens)

    async def facts(
        self,
        user_id: str,
        status: FactStatus | str | None = None,
        predicate: str | None = None,
        subject: str | None = None,
        about: str | None = None,
        as_of: datetime | str | None = None,
    ) -> list[Fact]:
        """Return facts of a user, newest first.

        Args:
            user_id: whose facts; an unknown user has none.
            status: only facts with this status; None means all.
            predicate: only facts of this relation ("LIVES_IN"); its case does not matter.
            subject: only facts whose subject has this name, alias or id ("user" for the user).
            about: only facts with this name, alias or id at either end.
            as_of: what was true then: a datetime, an ISO 8601 text, or a day, month or year ("2024", "2024-05": as it
                began); see `graphmem.edtf.held_at`.

        Raises:
            ConfigError: a filter has a value that cannot be.
        """
        store, _ = await self._open()
        check_id(user_id, "user_id")
        arguments.text_or_none("subject", subject)
        arguments.text_or_none("about", about)
        wanted = FactFilter(
            status=parse_status(status),
            predicate=self._predicate(predicate),
            subject=subject,
            about=about,
            moment=None if as_of is None else parse_moment(as_of),
        )
        return [fact for fact in (await self._ledger(store, user_id)).facts if wanted.lets_pass(fact, self._catalogue)]

    async def search(
        self, query: str, user_id: str, limit: int = 10, kind: Literal["message", "fact", "any"] = "message"
    ) -> list[Hit]:
        """Search a user's messages, facts or both by words, best first.

        Raises:
            ConfigError: ``kind`` or ``limit`` is not valid.
        """
        from graphmem import recall

        store, _ = await self._open()
        check_id(user_id, "user_id")
        if kind not in ("message", "fact", "any"):
            raise ConfigError("kind", kind, "one of message, fact, any")
        before = self._expiry.not_before(utc_now())
        return await recall.search(
            store,
            user_id=user_id,
            query=arguments.text("query", query),
            limit=arguments.whole("limit", limit),
            kind=kind,
            not_before=before,
            facts_not_before=before if self.config.ttl_facts else None,
            similar=await self._similar_to(query),
            reranker=self._reranker,
        )

    async def messages(
        self, session_id: str | None = None, user_id: str | None = None, limit: int | None = None
    ) -> list[Message]:
        """Return messages of a session or of a user, oldest first, the newest ``limit`` of them.

        Raises:
            ConfigError: neither a session nor a user is given, or ``limit`` is negative.
            SessionOwnerError: the session belongs to another user.
        """
        store, _ = await self._open()
        if session_id is None and user_id is None:
            raise ConfigError("session_id", None, "give session_id, user_id or both")
        _check_ids(session_id=session_id, user_id=user_id)
        arguments.whole_or_none("limit", limit)
        return await store.messages(
            user_id=user_id, session_id=session_id, limit=limit, not_before=self._expiry.not_before(utc_now())
        )

    async def cypher(
        self,
        query: str,
        user_id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        scope: Literal["user", "all"] = "user",
        limit: int | None = None,
        timeout: float | None = None,
    ) -> list[dict[str, Any]]:
        """Run a read-only Cypher query, on one user's graph or for the operator on all.

        Args:
            query: the text; see ``docs/cypher.md`` for the graph's shape.
            user_id: whose graph; needed for scope "user".
            parameters: values for ``$name`` in the query.
            scope: "user": that user's graph and nothing else. "all": the operator's view, not to be given to users.
            limit: most rows that come back; None for `Limits.cypher_rows`.
            timeout: seconds that the query may take; None for `Limits.cypher_seconds`.

        Raises:
            CypherNotAllowed: the query would write, call procedures or load files.
            CypherTimeout: it took too long.
            CypherError: it is wrong; the message says where.
        """
        from graphmem import cypher

        store, _ = await self._open()
        cypher.check_read_only(arguments.text("query", query))
        values = arguments.mapping("parameters", parameters)
        limit = self.config.limits.cypher_rows if limit is None else arguments.whole("limit", limit)
        timeout = self.config.limits.cypher_seconds if timeout is None else arguments.seconds("timeout", timeout)
        if scope == "all":
            run_read = getattr(store, "run_read", None)
            if run_read is not None:
                rows: list[dict[str, Any]] = await run_read(query, values, timeout=timeout, limit=limit)
                return rows
            users = await self._whole_store(store)
        elif scope != "user":
            raise ConfigError("scope", scope, "one of user, all")
        elif user_id is None:
            raise ConfigError(
                "user_id", None, 'a query runs on one user\'s graph: name the user, or set scope="all" as the operator'
            )
        else:
            _check_ids(user_id=user_id)
            users = [await self._graph(store, user_id)]
        projection = cypher.Projection(users)
        return await asyncio.to_thread(cypher.run, projection, query, values, limit=limit, timeout=timeout)

    async def graph(self, user_id: str) -> MemoryGraph:
        """Return a user's graph for networkx: entities as nodes, facts as edges, those that are over among them.

        In a notebook it shows itself: a picture to click on, with a slider through time. `graphmem.page.graph.MemoryGraph` says
        what nodes and edges have; an unknown user's graph is the user alone.
        """
        from graphmem.page import Records
        from graphmem.page.graph import memory_graph

        store, _ = await self._open()
        check_id(user_id, "user_id")
        data = await self._graph(store, user_id)
        entities = data.ledger.entities
        if not any(e.label == USER_LABEL for e in entities):
            entities = (user_entity(user_id), *entities)
        return memory_graph(Records(user_id, entities, data.ledger.facts, data.messages, self._catalogue))

    async def forget(
        self,
        user_id: str | None = None,
        session_id: str | None = None,
        message_id: str | None = None,
        fact_id: str | None = None,
    ) -> Forgotten:
        """Forget a user, a session, a message or a fact, with everything that came only from it.

        Args:
            user_id: alone: all of the user.
            session_id: a session; with ``message_id`` one message of it.
            message_id: needs its ``session_id``. Of an input/output pair it is the input; the reply, which may repeat it,
                is ``<id>:reply``.
            fact_id: needs its ``user_id``.

        Raises:
            ConfigError: the combination says nothing that can be forgotten.
            SessionOwnerError: the session belongs to another user.
        """
        store, _ = await self._open()
        if user_id is None and session_id is None and message_id is None and fact_id is None:
            raise ConfigError(
                "user_id",
                None,
                "say what to forget: user_id, session_id, message_id with session_id, or fact_id with user_id",
            )
        _check_ids(user_id=user_id, session_id=session_id, message_id=message_id, fact_id=fact_id)
        if message_id is not None and session_id is None:
            raise ConfigError("session_id", None, "a message is named by its session_id and message_id")
        if fact_id is not None and (user_id is None or session_id is not None or message_id is not None):
            raise ConfigError("fact_id", fact_id, "a fact is named by its user_id and fact_id alone")
        went = await store.forget(Selection(user_id, session_id, message_id, fact_id), self._revise)
        if self._summaries is not None and session_id is not None and message_id is not None and went.messages:
            self._summaries.schedule(session_id)
        if self._embeddings is not None and went.messages:
            self._embeddings.sweep()
        return went

    async def stats(self, user_id: str | None = None) -> Stats:
        """Count what is there, over all users or for one."""
        store, _ = await self._open()
        _check_ids(user_id=user_id)
        return (await store.describe(user_id, limit=0)).stats

    async def users(self, limit: int = 1000) -> list[str]:
        """Return the ids of the users that the store knows, sorted, the first ``limit`` of them."""
        store, _ = await self._open()
        return list((await store.describe(limit=arguments.whole("limit", limit))).user_ids)

    async def flush(self, timeout: float | None = None) -> int:
        """Extract everything that is pending and return the number of messages extracted. Waits for summaries under way, too, and until
        everything is embedded where an embedder is set; when that fails, it is tried again later.

        Args:
            timeout: seconds to wait at most.

        Raises:
            ExtractionPending: something could not be extracted; it is kept, and the message says why.
        """
        _, outbox = await self._open()
        if timeout is not None:
            arguments.seconds("timeout", timeout)
        loop = asyncio.get_running_loop()
        started = loop.time()
        extracted = await outbox.flush(timeout) if outbox else 0
        if self._embeddings is not None:
            self._embeddings.sweep()
        for keeper in (self._summaries, self._embeddings, self._reranker):
            if keeper is not None:
                await keeper.wait(None if timeout is None else max(0.0, timeout - (loop.time() - started)))
        return extracted

    async def expire(self, user_id: str | None = None) -> int:
        """Remove messages whose time to live has passed, of one user or of all, and return their number.

        They are hidden from the moment it passed; those whose facts are still to come stay until these are in.
        """
        store, _ = await self._open()
        _check_ids(user_id=user_id)
        before = self._expiry.not_before(utc_now())
        if before is None:
            return 0
        return (await store.forget(self._expiry.selection(user_id, before), self._revise)).messages

    async def pending(self, user_id: str | None = None, limit: int = 1000) -> list[PendingJob]:
        """Return the interactions whose facts are still to come, the oldest first: why they wait, and whether they are set aside.

        `flush` tries them again, those that are set aside too.

        Raises:
            StoreError: the store comes from another package and cannot list them.
        """
        store, _ = await self._open()
        _check_ids(user_id=user_id)
        if not isinstance(store, InspectedStore):
            raise StoreError(f"the store {self.config.provider!r} cannot list what is pending; stats() counts it")
        return await store.pending(user_id, limit=arguments.whole("limit", limit))

    async def skip(self, job_id: str, user_id: str) -> None:
        """Give an interaction up that could not be read: its messages stay, and no facts are read from them any more.

        Args:
            job_id: the ``id`` of a `graphmem.records.PendingJob`. One that is not pending any more is no error.
            user_id: whose it is.
        """
        store, _ = await self._open()
        check_id(job_id, "job_id")
        check_id(user_id, "user_id")
        nothing = LedgerUpdate(frozenset(), frozenset(), frozenset(), lambda _: Changes())
        await store.apply(user_id, nothing, job_id=job_id)

    async def check(self, user_id: str | None = None, repair: bool = False) -> list[Finding]:
        """Look for what is not as it should be in the store: facts without their messages, more than one current value, search
        entries and relationships that are missing or left over, a damaged file.

        Args:
            user_id: only that user; None for the whole store.
            repair: put right what can be put right without losing anything that was said.

        Returns:
            What was found, put right or not; `graphmem.checking.KINDS` explains the kinds. Empty when all is well.
        """
        from graphmem import checking

        store, _ = await self._open()
        _check_ids(user_id=user_id)
        arguments.flag("repair", repair)
        before = self._expiry.not_before(utc_now())
        return await checking.check(store, self._catalogue, user_id=user_id, not_before=before, repair=repair)

    async def export(self, user_id: str | None = None) -> AsyncIterator[dict[str, Any]]:
        """Yield everything that the store holds as plain records, of one user or of all; `load` reads them back.

        What waits for its facts is extracted first. Messages for which that fails are exported without them, and a
        warning is logged.
        """
        from graphmem.portable import user_records

        store, outbox = await self._open()
        _check_ids(user_id=user_id)
        try:
            if outbox is not None:
                await outbox.flush(None, user_id)
        except ExtractionPending as error:
            logger.warning("the export has messages without their facts: %s", error)
        users = [user_id] if user_id is not None else await self.users(limit=arguments.MOST)
        for user in users:
            ledger = await store.ledger(user)
            messages = await store.messages(user_id=user, session_id=None)
            for record in user_records(user, ledger, messages):
                yield record

    async def load(self, records: Iterable[Mapping[str, Any]]) -> Forgotten:
        """Read back what `export` gave; what is there already stays as it is.

        Returns:
            How many messages, facts, entities and sessions were new (in the shape of `Forgotten`).

        Raises:
            InvalidInteraction: a record is malformed; the message names its number.
            SessionOwnerError, IdempotencyConflict: a record contradicts what is there.
        """
        from graphmem.portable import load_records

        store, _ = await self._open()
        try:
            completed = None if self._reranker is None else self._reranker.with_vectors
            return await load_records(store, records, self._catalogue, self.config.limits, completed)
        finally:
            if self._embeddings is not None:
                self._embeddings.sweep()

    async def aclose(self) -> None:
        """Finish or hand back the work in hand and release every resource; a second call does nothing."""
        self._closed = True
        async with self._opening:
            await self._expiry.close()
            if self._summaries is not None:
                await self._summaries.close()
            for keeper in (self._embeddings, self._reranker):
                if keeper is not None:
                    await keeper.close()
            if self._outbox is not None:
                await self._outbox.close(self.config.limits.close_seconds)
            close = getattr(self._extractor, "aclose", None)
            if close is not None and self._extractor is not self.config.extractor:
                await close()
            if self._store is not None:
                await self._store.close()
            self._outbox = self._store = None

    async def _open(self) -> tuple[Store, Outbox | None]:
        if self._closed:
            raise StoreError("this MemLayer is closed; make a new one")
        loop = asyncio.get_running_loop()
        if self._loop is not None and self._loop is not loop:
            raise StoreError(
                "this MemLayer was opened in another event loop; make one for each asyncio.run(), or use graphmem.sync.MemLayer"
            )
        self._loop = loop
        if self._store is None:
            async with self._opening:
                if self._store is None:
                    await self._open_parts()
        assert self._store is not None  # noqa: S101 - for the type checker
        return self._store, self._outbox

    async def _open_parts(self) -> None:
        from graphmem.parts import open_parts

        parts = await open_parts(
            self.config,
            not_before=lambda: self._expiry.not_before(utc_now()),
            on_read=lambda user_id: self._embed(user_id, utc_now()),
        )
        self._extractor, self._catalogue, self._waits = parts.extractor, parts.catalogue, parts.waits
        self._outbox, self._summaries = parts.outbox, parts.summaries
        self._embeddings, self._reranker = parts.embeddings, parts.reranker
        self._store = parts.store

    def _embed(self, user_id: str, since: datetime) -> None:
        """See to the vectors of what was just stored."""
        if self._embeddings is not None and not self._closed:
            self._embeddings.schedule(user_id, since)

    async def _similar_to(self, question: str | None) -> Similar | None:
        return None if self._embeddings is None else await self._embeddings.similar_to(question)

    def _revise(self, ledger: Ledger, gone: Gone) -> Changes:
        if unknown := unknown_relations(ledger, self._catalogue):
            logger.warning(
                "what is left of %s was judged without knowing these relations: set catalogue, and check(repair=True) judges it anew",
                ", ".join(unknown),
            )
        return forgotten(ledger, gone, user_id=gone.user_id, catalogue=self._catalogue)

    def _predicate(self, predicate: str | None) -> str | None:
        if predicate is None:
            return None
        name = arguments.text("predicate", predicate).upper()
        if name not in self._catalogue:
            raise ConfigError("predicate", predicate, f"one of {', '.join(r.predicate for r in self._catalogue)}")
        return name

    async def _ledger(self, store: Store, user_id: str) -> Ledger:
        """The user's ledger, without what was said before the facts' time to live."""
        ledger = await store.ledger(user_id)
        before = self._expiry.not_before(utc_now())
        if before is None or not self.config.ttl_facts:
            return ledger
        heard = [s for f in ledger.facts for s in f.statements if s.at >= before]
        return derive(user_id, heard, self._catalogue)

    async def _graph(self, store: Store, user_id: str) -> UserData:
        from graphmem.cypher import UserData

        ledger = await self._ledger(store, user_id)
        messages = await store.messages(user_id=user_id, session_id=None, not_before=self._expiry.not_before(utc_now()))
        return UserData(ledger, messages, user_id)

    async def _whole_store(self, store: Store) -> list[UserData]:
        description = await store.describe()
        count = description.stats.messages
        most = self.config.limits.projected_messages
        if count > most or description.stats.users > len(description.user_ids):
            raise CypherNotAllowed(
                f"scope='all' on this store projects at most {most:,} messages of {len(description.user_ids):,} users, and there are "
                f"{count:,} of {description.stats.users:,}: query one user, raise limits.projected_messages, or use the provider 'neo4j'"
            )
        return [await self._graph(store, user) for user in description.user_ids]


def _check_ids(**ids: str | None) -> None:
    for name, value in ids.items():
        if value is not None:
            check_id(value, name)

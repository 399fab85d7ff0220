"""``graphmem chat``."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from graphmem.cli.opening import listed, place_of
from graphmem.cli.output import harmless, note, plain, to_json
from graphmem.cli.settings import Settings, common_options, settings_of

if TYPE_CHECKING:
    from graphmem.cli.chatting.answering import Responder
    from graphmem.cli.chatting.conversation import Conversation, Spoken
    from graphmem.config import LLMConfig
    from graphmem.sync import MemLayer

NEW_USER = "me"
_PROMPT = "you> "
_HISTORY = 6


@click.command("chat", epilog="Example:  graphmem chat --model qwen2.5:7b --base-url http://localhost:11434/v1")
@click.option("--session", metavar="ID", help="Go on with that session; default: a new one.")
@click.option("--model", metavar="NAME", help="The model that answers; default: GRAPHMEM_LLM_MODEL, else none.")
@click.option("--base-url", metavar="URL", help="Its endpoint; default: OPENAI_BASE_URL, else OpenAI's.")
@common_options(user='Who is talking; default: the only user of the store, in a new one "me".')
@click.pass_context
def command(ctx: click.Context, session: str | None, model: str | None, base_url: str | None) -> None:
    """Chat, and see beside each answer what was recalled for it and what was learned from what you said.

    Without a model the answers are made of what is remembered, offline. /help lists the commands: /facts, /why, /forget,
    /cypher. What you say is kept before anybody is asked, so a model that fails loses nothing. With --json each turn is
    one line of JSON.
    """
    settings = settings_of(ctx)
    with _responder(settings, model, base_url) as responder, _memory(settings) as memory:
        conversation = _begin(memory, settings, session, responder)
        if not settings.json:
            _welcome(conversation, resumed=session is not None, place=place_of(memory.config))
        went_well = _talk(conversation, as_json=settings.json)
    if not settings.json:
        where = ["--url", settings.url] if settings.url else []
        who = ["--user", conversation.user_id, "--session", conversation.session_id]
        note(f"to go on: {shlex.join(['graphmem', 'chat', *where, *who])}")
    if not went_well and not sys.stdin.isatty():
        ctx.exit(1)


@contextmanager
def _memory(settings: Settings) -> Iterator[MemLayer]:
    from graphmem.cli.logs import log_notes
    from graphmem.sync import MemLayer

    with log_notes(), MemLayer(settings.config()) as memory:
        yield memory


@contextmanager
def _responder(settings: Settings, model: str | None, base_url: str | None) -> Iterator[Responder]:
    from graphmem.cli.chatting.answering import MemoryResponder, ModelResponder, NoAnswer

    llm: LLMConfig | None = settings.config().llm
    name = model or (llm.model if llm else None)
    if name is None:
        if base_url is not None:
            raise click.UsageError("--base-url needs the name of a model there; add --model")
        yield MemoryResponder()
        return
    try:
        responder = ModelResponder(name, base_url or (llm.base_url if llm else None), llm.api_key if llm else None)
    except NoAnswer as error:
        raise click.UsageError(str(error)) from error
    with contextlib.closing(responder):
        yield responder


def _begin(memory: MemLayer, settings: Settings, session: str | None, responder: Responder) -> Conversation:
    from graphmem.cli.chatting.conversation import Conversation

    user_id = settings.user
    if user_id is None:
        users = memory.users()
        if len(users) > 1:
            raise click.UsageError(f"the store has several users, so add --user with one of {listed(users)}")
        user_id = users[0] if users else NEW_USER
    session_id = session or f"chat-{datetime.now(UTC):%Y-%m-%d}-{uuid4().hex[:8]}"
    memory.messages(session_id=session_id, user_id=user_id, limit=1)  # refuses a session of somebody else at once
    return Conversation(memory, user_id, session_id, responder)


def _welcome(conversation: Conversation, *, resumed: bool, place: str) -> None:
    from graphmem.cli.chatting.answering import MemoryResponder
    from graphmem.cli.chatting.screen import show_history

    who = conversation.responder
    how = (
        "no language model: the answers repeat what is remembered (--model NAME for a real one)"
        if isinstance(who, MemoryResponder)
        else f"{who.name} answers"
    )
    note(f"memory of {conversation.user_id!r} in {place}; {how}; /help lists the commands, Ctrl-D ends")
    if resumed:
        show_history(
            conversation.memory.messages(
                session_id=conversation.session_id, user_id=conversation.user_id, limit=_HISTORY
            )
        )


def _talk(conversation: Conversation, *, as_json: bool) -> bool:
    """Talk until the end; returns whether all went well."""
    from graphmem.cli.chatting.commands import Commands
    from graphmem.errors import GraphMemError

    commands = Commands(conversation, _confirm)
    read = _reader()
    went_well = True
    while (line := read(_PROMPT)) is not None:
        text = line.strip()
        try:
            if text.startswith("/") and as_json:
                note("graphmem: commands are for people; with --json use graphmem facts, cypher or forget")
                went_well = False
            elif text.startswith("/"):
                if not commands.run(text):
                    break
            elif text:
                went_well &= _turn(conversation, text, as_json=as_json)
        except GraphMemError as error:
            note(f"graphmem: {error}" if text.startswith("/") else f"graphmem: {error} (what you said may not be kept)")
            went_well = False
    return went_well


def _turn(conversation: Conversation, text: str, *, as_json: bool) -> bool:
    from graphmem.cli.chatting.screen import show_learned, show_turn, thinking

    meanwhile = conversation.learned_meanwhile()
    if as_json:
        spoken = conversation.say(text)
        click.echo(to_json(_as_json(spoken)))
    else:
        show_learned(meanwhile)
        with contextlib.ExitStack() as shown:
            spoken = conversation.say(text, lambda: shown.enter_context(thinking(conversation.responder)))
        show_turn(spoken)
    return spoken.trouble is None


def _as_json(spoken: Spoken) -> dict[str, object]:
    return {
        "said": spoken.said,
        "answer": spoken.answer,
        "error": spoken.trouble,
        "recalled": [fact.text for fact in spoken.recalled],
        "related": [plain(message) for message in spoken.related],
        "learned": [{"sign": sign, "text": text, "status": status} for sign, text, status in spoken.learned],
        "pending": spoken.pending,
    }


def _reader() -> Callable[[str], str | None]:
    """Return what reads a line: with editing and history on a terminal; None at the end."""
    if not sys.stdin.isatty():
        return lambda _: sys.stdin.readline() or None
    try:
        import readline  # to import it gives input() its editing
    except ImportError:  # there is none on Windows
        return _typed
    readline.set_auto_history(False)  # what answers a question is no line to come back to
    return lambda prompt: _typed(prompt, readline.add_history)


def _typed(prompt: str, remember: Callable[[str], None] = lambda _: None) -> str | None:
    while True:
        try:
            line = input(prompt)
            if line.strip():
                remember(line)
            return line
        except EOFError:
            click.echo()
            return None
        except KeyboardInterrupt:
            click.echo()
            note("Ctrl-D or /quit ends the chat")


def _confirm(question: str) -> bool:
    """Ask before something is deleted. Without a terminal whoever wrote the command meant it."""
    return not sys.stdin.isatty() or click.confirm(harmless(question), default=False)

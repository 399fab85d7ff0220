"""What can be said to a chat beside talking: lines that begin with a slash."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from graphmem.cli.cypher import shown
from graphmem.cli.output import STATUS_COLOURS, on_one_line, print_table

if TYPE_CHECKING:
    from graphmem.cli.chatting.conversation import Conversation
    from graphmem.records import Fact

HELP = """\
/facts [WORDS]       what is known about you, or what of it has these words
/why [NUMBER|WORDS]  what a fact rests on; without anything: the facts recalled last
/forget NUMBER|last  forget a fact of the last list, or what you said last with all that came only from it
/cypher QUERY        query your graph, as in: MATCH (u:User)-[r]->(x) RETURN type(r), x.name
/help                this
/quit                end the chat (or Ctrl-D); the session can go on later"""


@dataclass(slots=True)
class Commands:
    """Runs the commands of a conversation.

    Args:
        conversation: what they are about.
        confirm: asks whether to go on.
    """

    conversation: Conversation
    confirm: Callable[[str], bool]
    _listed: list[Fact] = field(default_factory=list)

    def run(self, line: str) -> bool:
        """Run a line that begins with a slash and print its outcome.

        Args:
            line: the line.

        Returns:
            Whether the chat goes on.

        Raises:
            GraphMemError: the memory refuses, as it does a wrong query.
        """
        name, _, rest = line[1:].strip().partition(" ")
        known = {"facts": self._facts, "why": self._why, "forget": self._forget, "cypher": self._cypher}
        if name in ("quit", "exit", "q"):
            return False
        if name in ("help", "?", ""):
            click.echo(HELP)
        elif name in known:
            known[name](rest.strip())
        else:
            nearest = difflib.get_close_matches(name, [*known, "help", "quit"], n=1)
            hint = f"did you mean /{nearest[0]}?" if nearest else "/help lists the commands"
            click.echo(f"no such command /{on_one_line(name)}; {hint}")
        return True

    def _all(self, words: str = "") -> list[Fact]:
        facts = self.conversation.memory.facts(self.conversation.user_id)
        wanted = words.casefold().split()
        return [f for f in facts if all(w in f"{f.text} {f.predicate}".casefold() for w in wanted)]

    def _facts(self, words: str) -> None:
        self._list(self._all(words), "nothing is known yet" if not words else "no fact has these words")

    def _list(self, facts: Sequence[Fact], otherwise: str) -> None:
        self._listed = list(facts)
        if not facts:
            click.echo(otherwise)
            return
        rows = [(n, f.text, f.status, f.valid_from, f.valid_to) for n, f in enumerate(facts, 1)]
        print_table(("no", "fact", "status", "from", "to"), rows, colours=[STATUS_COLOURS[f.status] for f in facts])

    def _why(self, which: str) -> None:
        if which.isdigit():
            chosen = self._numbered(which)
            facts = [chosen] if chosen else []
        else:
            facts = self._all(which) if which else list(self.conversation.recalled)
            self._listed = facts
            if not facts:
                click.echo("no fact has these words" if which else "nothing was recalled for your last message")
        for fact in facts:
            self._explain(fact)

    def _explain(self, fact: Fact) -> None:
        click.echo(f"{on_one_line(fact.text)} ({fact.status}, {fact.confidence:.0%} sure)")
        texts = {(m.session_id, m.id): m for m in self.conversation.memory.messages(user_id=self.conversation.user_id)}
        seen = dict.fromkeys((s.session_id, s.message_id, s.evidence) for s in fact.statements)
        for session_id, message_id, evidence in seen:
            message = texts.get((session_id, message_id))
            if message is None:
                click.echo(f"  “{on_one_line(evidence)}”, in a message that is gone")
            else:
                click.echo(
                    f"  {message.at:%Y-%m-%d %H:%M} “{on_one_line(message.text)}” (session {on_one_line(session_id)})"
                )

    def _forget(self, which: str) -> None:
        if which == "last":
            self._forget_last()
        elif which.isdigit():
            fact = self._numbered(which)
            if fact is not None and self.confirm(f"Forget “{on_one_line(fact.text)}”?"):
                self.conversation.forget(fact)
                self._listed = [f for f in self._listed if f.id != fact.id]
                click.echo(f"forgotten: {on_one_line(fact.text)}")
        else:
            click.echo("say which: /forget NUMBER of the last /facts, or /forget last")

    def _forget_last(self) -> None:
        chat = self.conversation
        said = chat.memory.messages(session_id=chat.session_id, user_id=chat.user_id)
        places = [n for n, m in enumerate(said) if m.role == "user"]
        if not places:
            click.echo("you have said nothing in this session")
            return
        last = said[places[-1] :]
        if not self.confirm(f"Forget “{on_one_line(last[0].text)}” and the answer to it?"):
            return
        gone = [chat.memory.forget(user_id=chat.user_id, session_id=chat.session_id, message_id=m.id) for m in last]
        click.echo(f"forgotten: {sum(g.messages for g in gone)} messages, {sum(g.facts for g in gone)} facts")

    def _numbered(self, number: str) -> Fact | None:
        if 1 <= int(number) <= len(self._listed):
            return self._listed[int(number) - 1]
        click.echo(f"there is no fact {int(number)} in the last list; /facts makes one")
        return None

    def _cypher(self, query: str) -> None:
        if not query:
            click.echo("give a query: /cypher MATCH (u:User)-[r]->(x) RETURN type(r) AS relation, x.name AS name")
            return
        rows = self.conversation.memory.cypher(query, user_id=self.conversation.user_id)
        if not rows:
            click.echo("no rows")
            return
        columns = tuple(dict.fromkeys(column for row in rows for column in row))
        print_table(columns, [[shown(row.get(column)) for column in columns] for row in rows])

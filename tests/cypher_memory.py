"""A small memory made by hand, for the tests of Cypher: records as a store gives them, and the same graph written into Neo4j."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from extraction.records import EntityMention, FactStatus
from graphmem.cypher.shape import Graph, UserData
from graphmem.identity import derived_id, named_entity, user_entity
from graphmem.records import Entity, Fact, Message, Statement
from graphmem.stores.base import Ledger

START = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)
_TEXTS = {
    "spring": (
        ("user", "Hi, I'm Ana and I live in Lyon."),
        ("assistant", "Nice to meet you, Ana!"),
        ("user", "My sister Marta works at Siemens. She lives in Porto."),
        ("user", "I love climbing and Thai food, but I don't own a car."),
        ("assistant", "Noted: climbing, and no car."),
    ),
    "autumn": (
        ("user", "I moved to Porto in September!"),
        ("assistant", "How is it?\nTell me more."),
        ("user", "Great. I work as a nurse at Hospital de São João, and volunteer at the shelter."),
        ("user", "I don't like climbing any more; 100% bouldering now. It's \"better\"."),
    ),
}


def ana(user_id: str, marker: str = "") -> UserData:
    """Return Ana's memory under ``user_id``. ``marker`` goes into the sessions' ids, which one database has only once."""
    return _Memory(user_id, marker).data()


class _Memory:
    def __init__(self, user_id: str, marker: str) -> None:
        self.user_id = user_id
        self.marker = marker
        self.user = user_entity(user_id, "Ana", ("Annie",))
        self.facts: list[Fact] = []
        self.messages = [
            Message(
                # The sessions share ids of messages, as they may.
                f"m{seq}",
                self.session(session),
                user_id,
                seq,
                role,
                "ana" if role == "user" and session == "autumn" else None,
                text,
                START + timedelta(days=0 if session == "spring" else 200, minutes=seq),
            )
            for session, turns in _TEXTS.items()
            for seq, (role, text) in enumerate(turns, 1)
        ]

    def session(self, name: str) -> str:
        return f"{name}{self.marker}"

    def entity(self, label: str, name: str, *aliases: str) -> Entity:
        return named_entity(self.user_id, label, name, aliases)

    def add(
        self,
        subject: Entity,
        predicate: str,
        object: Entity,
        text: str,
        *said: tuple[str, int],
        status: FactStatus = FactStatus.CURRENT,
        since: str | None = None,
        until: str | None = None,
        confidence: float = 0.9,
        supersedes: tuple[str, ...] = (),
        verb: str | None = None,
    ) -> str:
        """Add a fact stated in the messages ``said`` (session, seq)."""
        where = [(self.session(session), seq) for session, seq in said]
        messages = [m for key in where for m in self.messages if (m.session_id, m.seq) == key]
        fact_id = derived_id("fact", self.user_id, subject.id, predicate, object.id)
        statements = tuple(
            Statement(
                derived_id(fact_id, m.session_id, m.id),
                m.session_id,
                m.id,
                m.at,
                0,
                EntityMention(subject.name, subject.label),
                predicate,
                EntityMention(object.name, object.label),
                status=status,
                valid_from=since,
                valid_to=until,
                confidence=confidence,
                evidence=m.text,
                verb=verb,
            )
            for m in messages
        )
        self.facts.append(
            Fact(
                fact_id,
                subject,
                predicate,
                object,
                text,
                status,
                "-" if status in (FactStatus.NEGATED, FactStatus.RETRACTED) else "+",
                since,
                until,
                messages[0].at,
                confidence,
                tuple(m.id for m in messages),
                messages[-1].text,
                retired_at=None if status is FactStatus.CURRENT else START + timedelta(days=200),
                supersedes=supersedes,
                statements=statements,
            )
        )
        return fact_id

    def data(self) -> UserData:
        user, marta = self.user, self.entity("Person", "Marta", "sister")
        lyon, porto = self.entity("Place", "Lyon"), self.entity("Place", "Porto", "Oporto")
        siemens = self.entity("Organization", "Siemens", "Siemens AG")
        hospital = self.entity("Organization", "Hospital de São João")
        climbing, thai = self.entity("Thing", "climbing"), self.entity("Thing", "Thai food")
        ended, negated = FactStatus.ENDED, FactStatus.NEGATED
        old = self.add(user, "LIVES_IN", lyon, "lived in Lyon", ("spring", 1), status=ended, until="2024-09")
        self.add(user, "LIVES_IN", porto, "lives in Porto", ("autumn", 1), since="2024-09", supersedes=(old,))
        self.add(user, "HAS_SIBLING", marta, "has a sister, Marta", ("spring", 3), confidence=0.95)
        self.add(marta, "WORKS_AT", siemens, "Marta (sister) works at Siemens", ("spring", 3))
        self.add(marta, "LIVES_IN", porto, "Marta (sister) lives in Porto", ("spring", 3), confidence=0.6)
        self.add(user, "LIKES", climbing, "liked climbing", ("spring", 4), status=ended)
        self.add(user, "DISLIKES", climbing, "dislikes climbing", ("autumn", 4), confidence=0.8)
        self.add(user, "LIKES", thai, "likes Thai food", ("spring", 4))
        self.add(user, "LIKES", self.entity("Thing", "bouldering"), "likes bouldering", ("autumn", 4))
        self.add(user, "OWNS", self.entity("Thing", "car"), "does not own a car", ("spring", 4), status=negated)
        self.add(user, "WORKS_AS", self.entity("Occupation", "nurse"), "works as nurse", ("autumn", 3))
        self.add(user, "WORKS_AT", hospital, "works at Hospital de São João", ("autumn", 3), since="2024")
        self.add(
            hospital, "LOCATED_IN", porto, "Hospital de São João is located in Porto", ("autumn", 3), ("autumn", 1)
        )
        shelter = self.entity("Thing", "shelter")
        self.add(user, "RELATED_TO", shelter, "volunteers at shelter", ("autumn", 3), verb="volunteers at")
        facts = sorted(self.facts, key=lambda f: (f.recorded_at, f.id), reverse=True)
        entities = {e.id: e for f in facts for e in (f.subject, f.object)}
        return UserData(Ledger(tuple(entities.values()), tuple(facts), whole=True), self.messages, self.user_id)


def write_to_neo4j(session: Any, graph: Graph) -> None:
    """Write a graph into Neo4j with a session of the driver, node by node as it is."""
    nodes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    numbers = {node.key: number for number, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        nodes[node.labels].append({"number": numbers[node.key], "properties": node.properties})
    ids: dict[int, str] = {}
    for labels, rows in nodes.items():
        names = "".join(f":`{label}`" for label in labels)
        created = session.run(
            f"UNWIND $rows AS row CREATE (n{names}) SET n = row.properties RETURN row.number AS number, elementId(n) AS id",
            rows=rows,
        )
        ids.update((record["number"], record["id"]) for record in created)
    links: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for link in graph.relationships:
        start, end = ids[numbers[link.start]], ids[numbers[link.end]]
        links[link.type].append({"start": start, "end": end, "properties": link.properties})
    for type_, rows in links.items():
        session.run(
            "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row.start MATCH (b) WHERE elementId(b) = row.end "
            f"CREATE (a)-[r:`{type_}`]->(b) SET r = row.properties",
            rows=rows,
        ).consume()

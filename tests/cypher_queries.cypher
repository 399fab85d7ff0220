// Queries that must give the same rows from a projection and from Neo4j; $user_id anchors each, so that they run on a shared server.
MATCH (u:User {user_id: $user_id})-[r:LIVES_IN]->(p:Place) RETURN u.name, p.name AS city, r.since
MATCH (u:User {user_id: $user_id})-[r]->(o) RETURN type(r) AS t, o.name AS name, r.since, r.confidence ORDER BY t, name
MATCH (u:User {user_id: $user_id}) OPTIONAL MATCH (u)-[:HAS_PET]->(a) RETURN u.name, a.name, a
MATCH (f:Fact {user_id: $user_id}) WHERE f.status <> 'current' RETURN f.text, f.status, f.valid_to, f.retired_at ORDER BY f.text
MATCH (f:Fact {user_id: $user_id}) RETURN f.predicate AS p, count(*) AS n, avg(f.confidence) AS c ORDER BY n DESC, p
MATCH (f:Fact {user_id: $user_id}) RETURN f.valid_to ORDER BY f.valid_to, f.id
MATCH (f:Fact {user_id: $user_id}) RETURN f.valid_to ORDER BY f.valid_to DESC, f.id
MATCH (f:Fact {user_id: $user_id}) RETURN count(f.valid_to) AS c, count(*) AS n, min(f.confidence), max(f.confidence), sum(f.confidence)
MATCH (f:Fact {user_id: $user_id}) RETURN percentileCont(f.confidence, 0.5), percentileDisc(f.confidence, 0.5) AS d, stDev(f.confidence) > 0 AS s
MATCH (m:Message {user_id: $user_id}) WHERE m.text CONTAINS $text RETURN m.id, m.seq, m.session_id ORDER BY m.at
MATCH (m:Message {user_id: $user_id}) WHERE m.id = 'm1' RETURN m.text ORDER BY m.at
MATCH (m:Message {user_id: $user_id, id: 'm1'}) RETURN m.text, m.name ORDER BY m.at
MATCH (m:Message {user_id: $user_id}) RETURN DISTINCT m.role ORDER BY m.role
MATCH (m:Message {user_id: $user_id}) RETURN m.text ORDER BY m.at SKIP 2 LIMIT 3
MATCH (m:Message {user_id: $user_id}) WHERE datetime(m.at) > datetime('2024-06-01T00:00:00Z') RETURN m.text ORDER BY m.at
MATCH (m:Message {user_id: $user_id}) WHERE m.at > '2024-06-01' RETURN count(*) AS n
MATCH (m:Message {user_id: $user_id}) RETURN date(datetime(m.at)) AS day, count(*) AS n ORDER BY day
MATCH (m:Message {user_id: $user_id}) RETURN datetime(m.at).year AS y, datetime(m.at).month AS mo, count(*) AS n ORDER BY y, mo
MATCH (m:Message {user_id: $user_id}) WITH max(datetime(m.at)) AS last RETURN last
MATCH (m:Message {user_id: $user_id}) WHERE datetime(m.at) >= datetime() - duration('P3D') RETURN count(*) AS n
MATCH (m:Message {user_id: $user_id}) WHERE m.name IS NULL RETURN count(*) AS n
MATCH (m:Message {user_id: $user_id}) RETURN coalesce(m.name, m.role) AS who, count(*) AS n ORDER BY who
MATCH (m:Message {user_id: $user_id}) WHERE m.text =~ '(?s).*more.*' OR m.text CONTAINS '"better"' RETURN m.seq ORDER BY m.seq
MATCH (m:Message {user_id: $user_id}) RETURN reduce(n = 0, w IN split(m.text, ' ') | n + size(w)) AS chars ORDER BY m.at
MATCH (m:Message {user_id: $user_id}) RETURN substring(m.text, 0, 5), left(m.text, 3), right(m.text, 2), toUpper(m.role), replace(m.text, 'a', 'b') ORDER BY m.at
MATCH (s:Session {user_id: $user_id})-[:HAS_MESSAGE]->(m) RETURN s.id, count(m) AS n ORDER BY s.id
MATCH (s:Session {user_id: $user_id})-[:HAS_MESSAGE]->(m:Message)-[:MENTIONS]->(e:Entity) RETURN s.id, m.seq, e.name ORDER BY s.id, m.seq, e.name
MATCH (s:Session {user_id: $user_id}) CALL (s) { MATCH (s)-[:HAS_MESSAGE]->(m) RETURN m ORDER BY m.seq DESC LIMIT 2 } RETURN s.id, m.seq ORDER BY s.id, m.seq
MATCH (u:User {user_id: $user_id})-[:HAS_SIBLING]->(p)-[:WORKS_AT]->(o) RETURN p.name, o.name
MATCH (u:User {user_id: $user_id})-[*1..2]->(e:Entity) RETURN DISTINCT e.name ORDER BY e.name
MATCH (u:User {user_id: $user_id}) MATCH p = (u)-[*1..2]->(:Place) RETURN length(p) AS l, [n IN nodes(p) | n.name] AS names, [r IN relationships(p) | type(r)] AS t ORDER BY l, names, t
MATCH (u:User {user_id: $user_id}) MATCH (o:Organization {user_id: $user_id, name: 'Siemens'}) MATCH p = shortestPath((u)-[*..4]-(o)) RETURN length(p) AS l
MATCH (u:User {user_id: $user_id}), (o:Organization {user_id: $user_id, name: 'Siemens'}), p = shortestPath((u)-[*..4]-(o)) RETURN length(p) AS l
MATCH (u:User {user_id: $user_id})-[rs:HAS_SIBLING|WORKS_AT*1..3]->(x) RETURN x.name, size(rs) AS n ORDER BY n, x.name
MATCH (u:User {user_id: $user_id}) RETURN labels(u) AS l, u {.name, .aliases, x: 1} AS m
MATCH (n {user_id: $user_id}) WHERE NOT n:Job RETURN labels(n), count(*) AS n
MATCH (n {user_id: $user_id}) WHERE 'Message' IN labels(n) RETURN count(*) AS n, count(n.name) AS named
MATCH (f:Fact {user_id: $user_id})-[:SUPERSEDES]->(old) RETURN f.text, old.text
MATCH (u:User {user_id: $user_id}) WHERE EXISTS { (u)-[:LIKES]->(:Thing {name: 'Thai food'}) } RETURN u.name
MATCH (u:User {user_id: $user_id}) WHERE EXISTS { MATCH (u)-[:LIKES]->(x) WHERE x.name = 'Thai food' RETURN x } RETURN u.name
MATCH (e:Entity {user_id: $user_id}) WHERE NOT EXISTS { MATCH (e)<-[:MENTIONS]-(:Message) } RETURN e.name ORDER BY e.name
MATCH (e:Entity {user_id: $user_id}) WHERE (e)<-[:LIVES_IN]-() RETURN e.name ORDER BY e.name
MATCH (e:Entity {user_id: $user_id}) RETURN e.name, count { (e)<-[:OBJECT]-(:Fact) } AS n ORDER BY n DESC, e.name LIMIT 5
MATCH (e:Entity {user_id: $user_id}) RETURN e.name, COUNT { MATCH (e)<-[:OBJECT]-(f:Fact) WHERE f.status = 'current' RETURN f } AS n ORDER BY n DESC, e.name
MATCH (u:User {user_id: $user_id}) UNWIND [(u)-[r:LIKES]->(x) WHERE x.name STARTS WITH 'T' | x {.name, c: r.confidence}] AS likes RETURN likes
MATCH (u:User {user_id: $user_id}) CALL (u) { MATCH (u)-[:LIKES]->(x) RETURN collect(x.name) AS likes } RETURN u.name, size(likes) AS n
MATCH (u:User {user_id: $user_id}) CALL { WITH u MATCH (u)-[:LIKES]->(x) RETURN count(x) AS n } RETURN u.name, n
MATCH (u:User {user_id: $user_id})-[:LIKES]->(x) RETURN x.name AS name UNION MATCH (u:User {user_id: $user_id})-[:DISLIKES]->(x) RETURN x.name AS name
MATCH (u:User {user_id: $user_id})-[:LIKES]->(x) RETURN 'likes' AS w, x.name AS name UNION ALL MATCH (u:User {user_id: $user_id})-[:DISLIKES]->(x) RETURN 'dislikes' AS w, x.name AS name
UNWIND $rows AS row OPTIONAL MATCH (p:Place {user_id: $user_id, name: row.name}) RETURN row.x AS x, p.name AS name ORDER BY x
MATCH (p:Place {user_id: $user_id}) WHERE p.name IN $names RETURN p.name ORDER BY p.name
MATCH (e:Entity {user_id: $user_id}) WHERE e.name =~ '(?i)th.*' OR 'sister' IN e.aliases RETURN e.name ORDER BY e.name
MATCH (e:Entity {user_id: $user_id}) WHERE any(a IN e.aliases WHERE a STARTS WITH 'Sie') RETURN e.name
MATCH (e:Entity {user_id: $user_id}) WHERE size(e.aliases) > 0 RETURN e.name, e.aliases, e.aliases[0] ORDER BY e.name
MATCH (e:Entity {user_id: $user_id}) WHERE isEmpty(e.aliases) RETURN count(*) AS n
MATCH (e:Entity {user_id: $user_id}) WHERE e:Place OR e:Organization RETURN e.name ORDER BY e.name
MATCH (e:Place|Organization {user_id: $user_id}) RETURN e.name ORDER BY e.name DESC
MATCH (e:Entity {user_id: $user_id}) WHERE e.name > 'P' AND e.name <= 'T' RETURN e.name ORDER BY e.name
MATCH (e:Entity {user_id: $user_id}) RETURN e.name ORDER BY toLower(e.name) DESC LIMIT $n
MATCH (f:Fact {user_id: $user_id}) RETURN CASE f.status WHEN 'current' THEN 'now' WHEN 'ended' THEN 'before' ELSE 'no' END AS w, count(*) AS n ORDER BY w
MATCH (f:Fact {user_id: $user_id}) RETURN CASE WHEN f.confidence >= 0.9 THEN 'sure' ELSE 'unsure' END AS w, count(*) AS n ORDER BY w
MATCH (f:Fact {user_id: $user_id}) RETURN coalesce(f.valid_from, f.valid_to, '?') AS v, count(*) AS n ORDER BY v
MATCH (f:Fact {user_id: $user_id})-[:SUBJECT]->(s), (f)-[:OBJECT]->(o) RETURN s.name + ' ' + toLower(f.predicate) + ' ' + o.name AS t ORDER BY t
MATCH (f:Fact {user_id: $user_id})-[:STATED_IN]->(m:Message)<-[:HAS_MESSAGE]-(s:Session) RETURN f.text, m.id, s.id ORDER BY f.text, m.id, s.id
MATCH (u:User {user_id: $user_id})-[r:LIVES_IN]->(p) MATCH (f:Fact {id: r.fact_id})-[:STATED_IN]->(m) RETURN p.name, m.text, f.valid_from
MATCH (u:User {user_id: $user_id})<-[:SUBJECT]-(f:Fact)-[:OBJECT]->(o) WHERE f.predicate = 'LIVES_IN' RETURN o.name, f.valid_from, f.valid_to, f.status ORDER BY f.status
MATCH (u:User {user_id: $user_id})-[r]->(o) WITH type(r) AS t, collect(o.name) AS names WHERE size(names) > 1 RETURN t, size(names) AS n ORDER BY t
MATCH (f:Fact {user_id: $user_id}) WITH f ORDER BY f.recorded_at DESC, f.text LIMIT 3 RETURN collect(f.text) AS newest
MATCH (f:Fact {user_id: $user_id}) WITH f ORDER BY f.text RETURN collect(f.text)[0..2] AS first, collect(f.text)[-1] AS last, size(collect(f)) AS n
MATCH (u:User {user_id: $user_id}) RETURN u.nope AS a, u.nope IS NULL AS b, u.nope = 1 AS c, NOT (u.nope = 1) AS d, u.nope IN [1] AS e
MATCH (u:User {user_id: $user_id})-[r]->() RETURN r.type, u.title, u.type, u.label LIMIT 1
MATCH (u:User {user_id: $user_id})-[r:LIVES_IN]->(p) RETURN startNode(r).name AS a, endNode(r).name AS b, startNode(r) = u AS c
MATCH (a:Person {user_id: $user_id})-[:LIVES_IN]->(c)<-[:LIVES_IN]-(b:User) RETURN a.name, b.name, c.name
MATCH (u:User {user_id: $user_id})-[r:LIKES|DISLIKES]->(x) RETURN type(r), x.name ORDER BY x.name
MATCH (u:User {user_id: $user_id})-[r:RELATED_TO]->(x) RETURN r.text, x.name, keys(r) AS k
MATCH (u:User {user_id: $user_id})-[:NOPE]->(x:Nope) RETURN x
MATCH (n:Nope {user_id: $user_id}) RETURN count(n) AS a, collect(n) AS b, sum(n.x) AS c, avg(n.x) AS d, max(n.x) AS e
MATCH (a:Entity {user_id: $user_id})-[r]->(b:Entity) RETURN a.name, type(r), b.name ORDER BY a.name, type(r), b.name
MATCH (u:User {user_id: $user_id}) RETURN u.name+'!' , toUpper( u.name ), count( * ), 1+1, $n, u.aliases[0], u IS NOT NULL AS `there?`
MATCH (u:User {user_id: $user_id}) /* who? */ RETURN u.name; // the end
UNWIND [3, null, 1, 'a', 2.5, true, 'B'] AS x RETURN x ORDER BY x
UNWIND [3, null, 1, 'a', 2.5, true, 'B'] AS x RETURN x ORDER BY x DESC
WITH [1, 1, 2, null] AS l UNWIND l AS x RETURN count(x), count(*), count(DISTINCT x), collect(x), sum(x), avg(x), min(x)
RETURN 1 = 1.0 AS a, null AND false AS b, null OR true AS c, 1 IN [1, null] AS d, 2 IN [1, null] AS e, true XOR true AS f, 1 < 'a' AS g
RETURN 7 / 2 AS a, 7.0 / 2 AS b, -7 % 3 AS c, 2 ^ 3 AS d, 1 + 2 * 3 AS e, 1e3 AS f, 0x1F AS g
RETURN [1, 2, 3][-1] AS a, [1, 2, 3][1..] AS b, head([]) AS c, tail([1, 2]) AS d, range(1, 10, 3) AS e, [1] + 2 + [3] AS f, $map.b[1] AS g, keys($map) AS h
RETURN [x IN range(1, 5) WHERE x % 2 = 1 | x * x] AS a, all(x IN [1] WHERE x > 0) AS b, none(x IN [1] WHERE x = 1) AS c, single(x IN [1, 2] WHERE x = 1) AS d
RETURN 'it\'s' AS a, "say \"hi\"" AS b, 'tab\tx' AS c, 'back\\slash' AS d, '\u00e9' AS e, split('a,b', ',') AS f, 'a' STARTS WITH null AS g
RETURN date('2024-02-29') + duration('P1Y') AS a, date('2024-02-29').dayOfWeek AS b, date.truncate('month', date('2024-02-29')) AS c, date('2024-09') AS d

// Queries for everything that is in a node: in Neo4j the store keeps properties of its own there, which no projection has.
MATCH (u:User {user_id: $user_id}) RETURN u, keys(u) AS k, properties(u) AS p, u {.*} AS m
MATCH (u:User {user_id: $user_id}) OPTIONAL MATCH (u)-[r:LIKES]->(x) RETURN r, x
MATCH p = (u:User {user_id: $user_id})-[:HAS_SIBLING]->(m)-[:LIVES_IN]->(c) RETURN p, nodes(p) AS n, relationships(p) AS r
MATCH p = (u:User {user_id: $user_id}) RETURN p, length(p) AS l
MATCH (m:Message {user_id: $user_id}) RETURN m, keys(m) AS k ORDER BY m.at
MATCH (f:Fact {user_id: $user_id}) RETURN f ORDER BY f.text
MATCH (u:User {user_id: $user_id})-[r:LIVES_IN]->(p) RETURN *

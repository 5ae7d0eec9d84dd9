// Which database this is, and its newest mark of a change; null where there is none.
// No parameters. Cost: constant, from the ends of three indexes.
CALL db.info() YIELD id
CALL dbms.components() YIELD edition
CALL { MATCH (u:User) WHERE u.changed > 0 RETURN max(u.changed) AS users }
CALL { MATCH (i:Item) WHERE i.changed > 0 RETURN max(i.changed) AS items }
CALL { MATCH (r:Removed) WHERE r.at > 0 RETURN max(r.at) AS removed }
UNWIND [users, items, removed] AS mark
RETURN id AS graph, edition, max(mark) AS newest

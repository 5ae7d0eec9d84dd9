// What snapshots leave out or take as a default because a property is missing, and interactions between other nodes than users and items.
// No parameters. Cost: one pass over all nodes of three labels and two over all INTERACTED relationships.
CALL { MATCH (u:User) WHERE u.id IS NULL OR NOT u.id IS :: STRING RETURN count(u) AS users }
CALL { MATCH (i:Item) WHERE i.id IS NULL OR NOT i.id IS :: STRING RETURN count(i) AS items }
CALL { MATCH (f:Feature) WHERE f.key IS NULL OR f.kind IS NULL OR f.value IS NULL RETURN count(f) AS features }
CALL { MATCH ()-[r:INTERACTED]->() WHERE r.type IS NULL OR r.at IS NULL OR r.value IS NULL RETURN count(r) AS interactions }
CALL { MATCH (a)-[r:INTERACTED]->(b) WHERE NOT (a:User AND b:Item) RETURN count(r) AS elsewhere }
RETURN users, items, features, interactions, elsewhere

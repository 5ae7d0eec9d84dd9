// How many nodes and interactions there are, for progress.
// No parameters. Cost: constant, from the store's own counters.
CALL { MATCH (u:User) RETURN count(u) AS users }
CALL { MATCH (i:Item) RETURN count(i) AS items }
CALL { MATCH (f:Feature) RETURN count(f) AS features }
CALL { MATCH ()-[r:INTERACTED]->() RETURN count(r) AS interactions }
RETURN users, items, features, interactions

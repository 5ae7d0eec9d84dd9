// How many nodes and edges there are, for progress and to leave out what is not there.
// No parameters. Cost: constant, from the store's own counters.
CALL { MATCH (u:User) RETURN count(u) AS users }
CALL { MATCH (i:Item) RETURN count(i) AS items }
CALL { MATCH (f:Feature) RETURN count(f) AS features }
CALL { MATCH ()-[r:INTERACTED]->() RETURN count(r) AS interactions }
CALL { MATCH ()-[h:HAS]->() RETURN count(h) AS featureEdges }
CALL { MATCH ()-[t:TRUSTS]->() RETURN count(t) AS trust }
RETURN users, items, features, interactions, featureEdges, trust

// How much a database holds: what is the same before a backup and after its restore.
// No parameters. Cost: constant; all counts come from the count store.
CALL { MATCH (n) RETURN count(n) AS nodes }
CALL { MATCH ()-[r]->() RETURN count(r) AS relationships }
CALL { MATCH (u:User) RETURN count(u) AS users }
CALL { MATCH (i:Item) RETURN count(i) AS items }
CALL { MATCH ()-[r:INTERACTED]->() RETURN count(r) AS interactions }
RETURN nodes, relationships, users, items, interactions

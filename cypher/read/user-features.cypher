// Features of all users, for a snapshot: parallel lists for each user.
// No parameters. Cost: one pass over the users' HAS relationships.
// `node` and `features` are the server's own numbers of nodes, valid only for the transaction that read them.
MATCH (u:User)-[h:HAS]->(f:Feature)
RETURN id(u) AS node, collect(id(f)) AS features, collect(coalesce(h.weight, 1)) AS weights

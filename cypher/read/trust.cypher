// Who trusts whom, for a snapshot: parallel lists for each user.
// No parameters. Cost: one pass over all TRUSTS relationships.
// `user` and `trusted` are the server's own numbers of nodes, valid only for the transaction that read them.
MATCH (u:User)-[t:TRUSTS]->(v:User)
RETURN id(u) AS user, collect(id(v)) AS trusted, collect(coalesce(t.weight, 1)) AS weights

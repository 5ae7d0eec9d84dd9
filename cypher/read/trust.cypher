// Whom one reader's users trust, for a snapshot: parallel lists for each user.
// $lanes, $lane: whole numbers: of so many readers, which this one is; it gets the nodes whose number leaves that remainder.
// Cost: one pass over the TRUSTS relationships of those users.
// `user` and `trusted` are the server's own numbers of nodes, valid only for the transaction that read them.
MATCH (u:User) WHERE id(u) % $lanes = $lane
MATCH (u)-[t:TRUSTS]->(v:User)
RETURN id(u) AS user, collect(id(v)) AS trusted, collect(coalesce(t.weight, 1)) AS weights

// Features of one reader's users, for a snapshot: parallel lists for each user.
// $lanes, $lane: whole numbers: of so many readers, which this one is; it gets the nodes whose number leaves that remainder.
// Cost: one pass over the HAS relationships of those users.
// `node` and `features` are the server's own numbers of nodes, valid only for the transaction that read them.
MATCH (u:User) WHERE id(u) % $lanes = $lane
MATCH (u)-[h:HAS]->(f:Feature)
RETURN id(u) AS node, collect(id(f)) AS features, collect(coalesce(h.weight, 1)) AS weights

// Users of one reader.
// $lanes, $lane: whole numbers: of so many readers, which this one is; it gets the nodes whose number leaves that remainder.
// Cost: one pass over all users, and one row for each of this reader's.
// `node` is the server's own number of a node: valid only for the transaction that read it, and a fraction of the bytes of
// an outside id on every edge.
MATCH (u:User) WHERE id(u) % $lanes = $lane
RETURN id(u) AS node, u.id AS id

// All users, for a snapshot.
// No parameters. Cost: one row a user.
// `node` is the server's own number of a node: valid only for the transaction that read it, and a fraction of the bytes of
// an outside id on every edge.
MATCH (u:User)
RETURN id(u) AS node, u.id AS id

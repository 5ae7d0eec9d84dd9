// All interactions, for a snapshot: parallel lists of equal length for each user, type and part.
// No parameters. Cost: one pass over all INTERACTED relationships; a row holds at most one user's.
// `user` and `items` are the server's own numbers of nodes, valid only for the transaction that read them.
MATCH (u:User)
CALL {
  WITH u
  MATCH (u)-[r:INTERACTED]->(i:Item)
  RETURN coalesce(r.type, 'interaction') AS type, r.part AS part,
         collect(id(i)) AS items, collect(coalesce(r.at, 0)) AS times, collect(coalesce(r.value, 1)) AS values
}
RETURN id(u) AS user, type, part, items, times, values

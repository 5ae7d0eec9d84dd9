// Users that were marked as changed from a moment on, with the number of their interactions, and how many there are in all: whether
// an earlier copy still holds for all others. $since: ms since 1970, of the server's clock; $most: INTEGER, more users are not told.
// Answers users: LIST<LIST [id: STRING, interactions: INTEGER]>; interactions: INTEGER. Cost: one look-up in an index, a row and a
// degree for each of them; the rest is constant.
CALL {
  MATCH (u:User) WHERE u.changed >= $since
  WITH u LIMIT $most
  RETURN collect([u.id, COUNT { (u)-[:INTERACTED]->() }]) AS users
}
CALL { MATCH ()-[r:INTERACTED]->() RETURN count(r) AS interactions }
RETURN users, interactions

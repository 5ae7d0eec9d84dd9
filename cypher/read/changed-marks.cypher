// Whose deeds were marked as changed from a moment on, and the newest marks of items and of what was removed: what answers that are
// kept go by. $since: ms since 1970, of the server's clock; $most: INTEGER, more users than that are not told.
// Answers users: LIST<LIST [id: STRING, changed: ms since 1970]>, items and removed: ms since 1970 or null, interactions: INTEGER.
// Cost: one look-up in an index and a row for each of them; the rest is constant.
CALL {
  MATCH (u:User) WHERE u.changed >= $since
  WITH u LIMIT $most
  RETURN collect([u.id, u.changed]) AS users
}
CALL { MATCH (i:Item) WHERE i.changed > 0 RETURN max(i.changed) AS items }
CALL { MATCH (r:Removed) WHERE r.at > 0 RETURN max(r.at) AS removed }
CALL { MATCH ()-[r:INTERACTED]->() RETURN count(r) AS interactions }
RETURN users, items, removed, interactions

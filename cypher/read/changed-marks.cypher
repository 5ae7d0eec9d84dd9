// Whose deeds, and which items, were marked as changed from a moment on; the newest mark of what was removed, and how much that is: what
// answers that are kept go by. $since: ms since 1970, of the server's clock; $most: INTEGER, more users or items than that are not told.
// Answers users and items: LIST<LIST [id: STRING, changed: ms since 1970]>, newestRemoved: ms since 1970 or null, removed and
// interactions: INTEGER. Cost: one look-up in an index and a row for each of them; the rest is constant.
CALL {
  MATCH (u:User) WHERE u.changed >= $since
  WITH u LIMIT $most
  RETURN collect([u.id, u.changed]) AS users
}
CALL {
  MATCH (i:Item) WHERE i.changed >= $since
  WITH i LIMIT $most
  RETURN collect([i.id, i.changed]) AS items
}
CALL { MATCH (r:Removed) WHERE r.at > 0 RETURN max(r.at) AS newestRemoved }
CALL { MATCH (r:Removed) RETURN count(r) AS removed }
CALL { MATCH ()-[r:INTERACTED]->() RETURN count(r) AS interactions }
RETURN users, items, newestRemoved, removed, interactions

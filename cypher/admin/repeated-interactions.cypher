// Users who did the same with the same item again and again: a mistake of whoever sends events, or a habit that deserves a weight.
// Answers user, item, type, times, and first and last: when, in ms since 1970.
// $least: INTEGER = 3 (2 to 1000000). Fewest times.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. One pass over the interactions; those of one user are held at once.
// :param {least: 3, limit: 100}
MATCH (user:User)
CALL (user) {
  MATCH (user)-[did:INTERACTED]->(item:Item)
  WITH item, did.type AS type, count(*) AS times, min(did.at) AS first, max(did.at) AS last
  WHERE times >= $least
  RETURN item, type, times, first, last
}
RETURN user.id AS user, item.id AS item, type, times, first, last
ORDER BY times DESC, user, item
LIMIT $limit;

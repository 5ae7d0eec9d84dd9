// Interactions of the same user, item, type and time: how many such groups, how many relationships too many, and the first groups.
// $samples: INTEGER, most of them. Cost: one pass over all INTERACTED relationships, one user's at a time.
MATCH (u:User)
CALL (u) {
  MATCH (u)-[r:INTERACTED]->(i:Item)
  WITH i, r.type AS type, r.at AS at, count(*) AS times
  WHERE times > 1
  RETURN i.id AS item, type, at, times
}
WITH {user: u.id, item: item, type: type, at: at, times: times} AS group
RETURN count(*) AS groups, coalesce(sum(group.times - 1), 0) AS surplus, collect(group)[0..$samples] AS samples

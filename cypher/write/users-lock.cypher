// Locks users until the transaction ends, so that nobody else adds interactions of theirs meanwhile, and answers which of
// them have none yet. $ids: LIST<STRING>, ascending, so that concurrent writers take locks in one order.
// Cost: one index look-up and one degree an id.
UNWIND $ids AS id
MATCH (user:User {id: id})
SET user.locked = true
REMOVE user.locked
WITH user
WHERE NOT EXISTS { (user)-[:INTERACTED]->() }
RETURN collect(user.id) AS fresh

// Locks users until the transaction ends, so that nobody else adds interactions of theirs meanwhile, and answers who of them
// has interactions already, and how many. $given: MAP {ids: LIST<STRING>}, ascending, so that concurrent writers take locks in one order.
// Cost: one index look-up and one degree an id.
UNWIND $given.ids AS id
MATCH (user:User {id: id})
SET user.locked = true
REMOVE user.locked
WITH user, COUNT { (user)-[:INTERACTED]->() } AS known
WHERE known > 0
RETURN collect(user.id) AS users, collect(known) AS known

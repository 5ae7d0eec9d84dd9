// Sees to it that users exist. $given: MAP {ids: LIST<STRING>}, ascending, so that concurrent writers take locks in one order.
// Cost: one index look-up an id.
UNWIND $given.ids AS id
MERGE (user:User {id: id})
ON CREATE SET user.changed = timestamp()

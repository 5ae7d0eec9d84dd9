// Sees to it that users exist, marks them as changed and so locks them until the transaction ends: nobody else adds interactions of
// theirs meanwhile. $given: MAP {ids: LIST<STRING>}, ascending, so that concurrent writers take locks in one order.
// Cost: one index look-up an id.
UNWIND $given.ids AS id
MERGE (user:User {id: id})
SET user.changed = timestamp()

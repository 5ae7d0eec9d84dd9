// Marks users as changed, so that the next snapshot reads them again. $ids: LIST<STRING>, ascending, so that concurrent writers
// take locks in one order. Cost: one index look-up an id.
UNWIND $ids AS id
MATCH (user:User {id: id})
SET user.changed = timestamp()

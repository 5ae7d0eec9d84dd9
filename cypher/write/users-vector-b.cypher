// Sets vectorB of users that are in the graph; others are passed over. Locks the slot, so that nothing is written once another
// publisher has taken it over; answers whether it is still held.
// $version: STRING; $rows: LIST<MAP {id: STRING, vector: LIST<FLOAT>}>, ascending by id, so that concurrent writers take locks
// in one order. Cost: one index look-up and one property a row.
MATCH (slot:Slot {name: 'vectorB'})
SET slot.locked = true
REMOVE slot.locked
WITH slot
WHERE slot.writing = $version
CALL {
  UNWIND $rows AS row
  MATCH (user:User {id: row.id})
  SET user.vectorB = row.vector
  RETURN count(*) AS written
}
RETURN written;

// Sets vectorB of items that are in the graph, or removes it where `vector` is null; others are passed over. Locks the slot, so
// that nothing is written once another publisher has taken it over; answers whether it is still held. How far it is stands at the
// slot, so that a publisher that is cut off can go on; the same rows again are not counted twice.
// $version: STRING; $rows: LIST<MAP {id: STRING, vector: LIST<FLOAT> or null}>, ascending by id, so that concurrent writers take
// locks in one order; $from, $to: INTEGER, the places of these rows among all of the version. Answers written: INTEGER.
// Cost: one index look-up and one property a row.
MATCH (slot:Slot {name: 'vectorB'})
SET slot.locked = true
REMOVE slot.locked
WITH slot
WHERE slot.writing = $version
CALL {
  UNWIND $rows AS row
  MATCH (item:Item {id: row.id})
  SET item.vectorB = row.vector
  RETURN count(*) AS written
}
SET slot.written = CASE WHEN slot.done = toInteger($from) THEN slot.written + written ELSE slot.written END,
    slot.done = CASE WHEN slot.done = toInteger($from) THEN toInteger($to) ELSE slot.done END
RETURN written;

// Makes a slot, whose vectors are all written, the current one, in one transaction. No row where another publisher has
// meanwhile begun to write into it: both slots are locked, in the order in which a claim locks them, before that is looked at.
// $slot, $version: STRING; $at: ms since 1970. Cost: three nodes.
UNWIND ['vectorA', 'vectorB'] AS name
MATCH (locked:Slot {name: name})
SET locked.locked = true
REMOVE locked.locked
WITH collect(locked) AS slots
UNWIND slots AS slot
WITH slots, slot
WHERE slot.name = $slot AND slot.writing = $version
MATCH (version:Version {id: $version})
FOREACH (other IN slots | SET other.current = false)
SET slot.current = true, slot.at = toInteger($at)
MERGE (version)-[:PUBLISHED_AS]->(slot)
RETURN slot.name AS slot;

// Makes a slot, whose vectors are all written, the current one, in one transaction. No row where another publisher has
// meanwhile begun to write into it. $slot, $version: STRING; $at: ms since 1970. Cost: two nodes.
MATCH (slot:Slot {name: $slot, writing: $version})
MATCH (version:Version {id: $version})
OPTIONAL MATCH (other:Slot)
WHERE other.name <> $slot
SET other.current = false
SET slot.current = true, slot.at = toInteger($at)
MERGE (version)-[:PUBLISHED_AS]->(slot)
RETURN slot.name AS slot;

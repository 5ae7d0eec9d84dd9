// Holds a slot until the transaction ends, where it is still the version's: nobody can claim it meanwhile.
// $slot, $version: STRING. Answers slot; no row where another publisher has taken it over. Cost: two nodes.
UNWIND ['vectorA', 'vectorB'] AS name
MATCH (locked:Slot {name: name})
SET locked.locked = true
REMOVE locked.locked
WITH locked
WHERE locked.name = $slot AND locked.writing = $version
RETURN locked.name AS slot;

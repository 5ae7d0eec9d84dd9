// Answers which of the two slots a version's vectors go to: the one it has already, else the one that is not current, which
// from here on holds no whole version. Locks both, so that two publishers go one after the other.
// $version: STRING. Answers slot: 'vectorA' or 'vectorB'; published: whether it is current already. Cost: three nodes.
UNWIND ['vectorA', 'vectorB'] AS name
MERGE (slot:Slot {name: name})
SET slot.locked = true
REMOVE slot.locked
WITH slot ORDER BY slot.name
OPTIONAL MATCH (version:Version)-[:PUBLISHED_AS]->(slot)
WITH slot, version.id = $version AS mine
ORDER BY CASE WHEN mine THEN 0 ELSE 1 END, coalesce(slot.current, false), slot.name
LIMIT 1
SET slot.writing = $version
WITH slot, mine
OPTIONAL MATCH (other:Version)-[published:PUBLISHED_AS]->(slot)
WHERE other.id <> $version
DELETE published
RETURN slot.name AS slot, coalesce(mine, false) AND coalesce(slot.current, false) AS published
LIMIT 1;

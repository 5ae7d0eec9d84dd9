// Answers which of the two slots a version's vectors go to: the one it has already, else the one that is not current, which
// from here on holds no whole version. Locks both, so that two publishers go one after the other.
// $version: STRING. Answers slot: 'vectorA' or 'vectorB'; published: whether it is current already; whole: whether all its vectors
// lie there; done: INTEGER, how many of them a publisher that was cut off has written. Cost: three nodes.
UNWIND ['vectorA', 'vectorB'] AS name
MERGE (slot:Slot {name: name})
SET slot.locked = true
REMOVE slot.locked
WITH slot ORDER BY slot.name
OPTIONAL MATCH (version:Version)-[:PUBLISHED_AS]->(slot)
WITH slot, coalesce(version.id = $version, false) AS mine
ORDER BY CASE WHEN mine THEN 0 ELSE 1 END, coalesce(slot.current, false),
         CASE WHEN slot.writing = $version THEN 0 ELSE 1 END, slot.name
LIMIT 1
SET slot.done = CASE WHEN slot.writing = $version THEN coalesce(slot.done, 0) ELSE 0 END,
    slot.written = CASE WHEN slot.writing = $version THEN coalesce(slot.written, 0) ELSE 0 END,
    slot.writing = $version
WITH slot, mine
OPTIONAL MATCH (other:Version)-[published:PUBLISHED_AS]->(slot)
WHERE other.id <> $version
DELETE published
RETURN slot.name AS slot, mine AND coalesce(slot.current, false) AS published, mine AS whole, slot.done AS done
LIMIT 1;

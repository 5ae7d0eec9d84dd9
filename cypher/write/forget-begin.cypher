// Leaves a user's tombstone before anything of theirs is removed, and opens the note of what an operation has removed so far, or
// finds it again where an earlier process was cut off.
// $key: STRING, hexadecimal SHA-256 of 'user', a line feed and the id; $operation: STRING; $block: BOOLEAN, whether the user may
// never be taken in again. Answers counts: STRING (JSON, by kind); features: LIST<STRING>, keys. Cost: two nodes.
MERGE (removed:Removed {kind: 'user', key: $key})
SET removed.at = timestamp(), removed.blocked = coalesce(removed.blocked, false) OR $block
MERGE (note:Forgetting {key: $key})
WITH note, coalesce(note.operation = $operation, false) AS goesOn
SET note.operation = $operation, note.counts = CASE WHEN goesOn THEN note.counts ELSE '{}' END,
    note.features = CASE WHEN goesOn THEN note.features ELSE [] END
RETURN note.counts AS counts, note.features AS features

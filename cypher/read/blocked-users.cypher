// Tombstones of users who may never be taken in again. No parameters. Answers keys: LIST<STRING>, hexadecimal SHA-256 of 'user', a
// line feed and the id. Cost: one pass over the tombstones.
MATCH (removed:Removed {kind: 'user', blocked: true})
RETURN collect(removed.key) AS keys

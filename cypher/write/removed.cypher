// Leaves word of nodes that others have removed: see schema/002. $kind: 'user' or 'item'; $keys: LIST<STRING>, the SHA-256 of kind,
// line feed and id of each, in hexadecimal. Cost: one node a key.
UNWIND $keys AS key
CREATE (:Removed {kind: $kind, key: key, at: timestamp()})

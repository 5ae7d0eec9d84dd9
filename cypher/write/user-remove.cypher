// Removes a user with all relationships, and leaves word of it that names nobody: see schema/002. No row where there is none.
// $id: STRING; $key: STRING, the SHA-256 of 'user', a line feed and the id, in hexadecimal.
// Cost: one index look-up, and the user's relationships, all in one transaction.
MATCH (user:User {id: $id})
CREATE (:Removed {kind: 'user', key: $key, at: timestamp()})
WITH user, COUNT { (user)-[:INTERACTED]->() } AS interactions
DETACH DELETE user
RETURN interactions

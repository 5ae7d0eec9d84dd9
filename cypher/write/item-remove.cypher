// Removes an item with all its relationships, and leaves word of it that names nobody: see schema/002. No row where there is none.
// $id: STRING; $key: STRING, the SHA-256 of 'item', a line feed and the id, in hexadecimal.
// Cost: one index look-up, and the item's relationships, all in one transaction.
MATCH (item:Item {id: $id})
CREATE (:Removed {kind: 'item', key: $key, at: timestamp()})
WITH item, COUNT { (item)<-[:INTERACTED]-() } AS interactions
DETACH DELETE item
RETURN interactions

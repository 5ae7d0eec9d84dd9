// Removes a user who has no relationship left, in the transaction that removed the last, with what the node itself holds, and
// renews the tombstone, so that whoever reads changes from some moment on meets it after the removal.
// $user, $key: STRING. Answers vectors: INTEGER, how many slots held one. Cost: two nodes.
MATCH (user:User {id: $user})
WITH user, size([vector IN [user.vectorA, user.vectorB] WHERE vector IS NOT NULL]) AS vectors
DELETE user
WITH vectors
MATCH (removed:Removed {kind: 'user', key: $key})
SET removed.at = timestamp()
RETURN vectors

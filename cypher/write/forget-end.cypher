// Removes the note of an operation whose receipt is written. $key: STRING. Cost: one node.
MATCH (note:Forgetting {key: $key})
DELETE note

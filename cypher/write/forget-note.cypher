// Notes, in the transaction that removed something of a user, what an operation has removed so far.
// $key, $counts: STRING; $features: LIST<STRING>, keys of features that may be left to nobody. Cost: one node.
MATCH (note:Forgetting {key: $key})
SET note.counts = $counts, note.features = $features

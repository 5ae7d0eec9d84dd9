// Locks a feature until the transaction ends, so that nobody else changes it meanwhile. $key: STRING. Cost: one index look-up.
MATCH (feature:Feature {key: $key})
SET feature.locked = true
REMOVE feature.locked

// Which of some features are the circumstances of an interaction. $keys: LIST<STRING>. Answers used: LIST<STRING>.
// Cost: one pass over all interactions, so it is asked only of features that have no relationship.
MATCH (:User)-[interacted:INTERACTED]->()
WHERE any(key IN interacted.context WHERE key IN $keys)
UNWIND interacted.context AS key
WITH DISTINCT key
WHERE key IN $keys
RETURN collect(key) AS used

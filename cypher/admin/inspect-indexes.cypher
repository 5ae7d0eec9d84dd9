// By which properties nodes are found without looking at all of them, and which of these tell nodes apart.
// Parameters: none. Answers labels: LIST<STRING>; properties: LIST<STRING>; isUnique: BOOLEAN. Cost: one row an index.
SHOW INDEXES YIELD type, entityType, state, labelsOrTypes, properties, owningConstraint
WHERE entityType = 'NODE' AND state = 'ONLINE' AND type = 'RANGE' AND properties IS NOT NULL
RETURN labelsOrTypes AS labels, properties, owningConstraint IS NOT NULL AS isUnique

// Every constraint of the database: what keeps a user, item, feature, version or snapshot from being there twice.
// Answers name, type, entity, on: labels or types, properties, index.
// $limit: INTEGER = 200 (1 to 1000). Most rows.
// Cost: cheap. One row a constraint.
// :param {limit: 200}
SHOW CONSTRAINTS YIELD name, type, entityType, labelsOrTypes, properties, ownedIndex
RETURN name, type, entityType AS entity, labelsOrTypes AS on, properties, ownedIndex AS index
ORDER BY name
LIMIT $limit;

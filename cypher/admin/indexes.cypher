// Every index of the database and how it stands: one that is not ONLINE makes what goes by it slow; one that is never read can go.
// Answers name, type, state, percent: how far it is built, on: labels or types, properties, constraint that it belongs to, reads,
// and lastRead.
// $limit: INTEGER = 200 (1 to 1000). Most rows.
// Cost: cheap. One row an index.
// :param {limit: 200}
SHOW INDEXES YIELD name, type, state, populationPercent, labelsOrTypes, properties, owningConstraint, readCount, lastRead
RETURN name, type, state, populationPercent AS percent, labelsOrTypes AS on, properties, owningConstraint AS constraint,
       readCount AS reads, lastRead
ORDER BY name
LIMIT $limit;

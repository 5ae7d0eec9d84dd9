// Which version came from which snapshot, with what model and how good: newest first.
// Answers version, model, at: ms since 1970, slot and current: where its vectors lie, snapshot: digest, asOf: ms since 1970, users,
// items and interactions of the snapshot, seed, metrics and options: JSON.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: cheap. Two nodes a version.
// :param {limit: 100}
MATCH (version:Version)
OPTIONAL MATCH (version)-[:TRAINED_ON]->(snapshot:Snapshot)
OPTIONAL MATCH (version)-[:PUBLISHED_AS]->(slot:Slot)
RETURN version.id AS version, version.model AS model, version.at AS at, slot.name AS slot,
       coalesce(slot.current, false) AS current, snapshot.digest AS snapshot, snapshot.asOf AS asOf, snapshot.users AS users,
       snapshot.items AS items, snapshot.interactions AS interactions, version.seed AS seed, version.metrics AS metrics,
       version.options AS options
ORDER BY at DESC, version
LIMIT $limit;

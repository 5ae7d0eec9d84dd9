// Writes a version and the snapshot it was trained on, and ties them together; again for the same version changes nothing.
// $version: MAP {id, model, options, metrics: STRING (JSON), seed: INTEGER, dim: INTEGER, at: ms since 1970};
// $properties: MAP, the options and metrics once more, each a property that a WHERE can name: option_dim, metric_recall_20;
// $snapshot: MAP {digest: STRING, asOf: ms since 1970, users, items, features, interactions: INTEGER}.
// Cost: two index look-ups.
MERGE (snapshot:Snapshot {digest: $snapshot.digest})
ON CREATE SET snapshot.asOf = toInteger($snapshot.asOf),
              snapshot.users = toInteger($snapshot.users), snapshot.items = toInteger($snapshot.items),
              snapshot.features = toInteger($snapshot.features), snapshot.interactions = toInteger($snapshot.interactions)
MERGE (version:Version {id: $version.id})
SET version.model = $version.model, version.options = $version.options, version.metrics = $version.metrics,
    version.seed = toInteger($version.seed), version.dim = toInteger($version.dim), version.at = toInteger($version.at)
SET version += $properties
MERGE (version)-[:TRAINED_ON]->(snapshot);

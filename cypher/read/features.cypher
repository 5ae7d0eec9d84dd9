// All features, for a snapshot.
// No parameters. Cost: one row a feature.
// `node` is the server's own number of a node, valid only for the transaction that read it.
MATCH (f:Feature)
RETURN id(f) AS node, f.kind AS kind, f.value AS value

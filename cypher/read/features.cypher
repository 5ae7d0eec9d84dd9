// Features of one reader.
// $lanes, $lane: whole numbers: of so many readers, which this one is; it gets the nodes whose number leaves that remainder.
// Cost: one pass over all features, and one row for each of this reader's.
// `node` is the server's own number of a node, valid only for the transaction that read it.
MATCH (f:Feature) WHERE id(f) % $lanes = $lane
RETURN id(f) AS node, f.kind AS kind, f.value AS value

// Features of one reader's items, for a snapshot: parallel lists for each item.
// $lanes, $lane: whole numbers: of so many readers, which this one is; it gets the nodes whose number leaves that remainder.
// Cost: one pass over the HAS relationships of those items.
// `node` and `features` are the server's own numbers of nodes, valid only for the transaction that read them.
MATCH (i:Item) WHERE id(i) % $lanes = $lane
MATCH (i)-[h:HAS]->(f:Feature)
RETURN id(i) AS node, collect(id(f)) AS features, collect(coalesce(h.weight, 1)) AS weights

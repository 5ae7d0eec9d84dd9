// Features of all items, for a snapshot: parallel lists for each item.
// No parameters. Cost: one pass over the items' HAS relationships.
// `node` and `features` are the server's own numbers of nodes, valid only for the transaction that read them.
MATCH (i:Item)-[h:HAS]->(f:Feature)
RETURN id(i) AS node, collect(id(f)) AS features, collect(coalesce(h.weight, 1)) AS weights

// Items of one reader with what describes them.
// $lanes, $lane: whole numbers: of so many readers, which this one is; it gets the nodes whose number leaves that remainder.
// Cost: one pass over all items, and one row for each of this reader's.
// `node` is the server's own number of a node, valid only for the transaction that read it.
MATCH (i:Item) WHERE id(i) % $lanes = $lane
RETURN id(i) AS node, i.id AS id, i.title AS title, i.at AS at, i.available AS available

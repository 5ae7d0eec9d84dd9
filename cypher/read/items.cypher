// All items with what describes them, for a snapshot.
// No parameters. Cost: one row an item.
// `node` is the server's own number of a node, valid only for the transaction that read it.
MATCH (i:Item)
RETURN id(i) AS node, i.id AS id, i.title AS title, i.at AS at, i.available AS available

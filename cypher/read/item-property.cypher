// Values of one property of one reader's items, for graphs whose mapping makes features of it: `property` stands for its name.
// $lanes, $lane: whole numbers: of so many readers, which this one is; it gets the nodes whose number leaves that remainder.
// Answers node, the server's own number of a node, valid only for the transaction that read it; values: LIST<STRING>, the elements
// of a list, or the only one. Cost: one pass over all items.
MATCH (i:Item) WHERE id(i) % $lanes = $lane AND i.property IS NOT NULL
RETURN id(i) AS node,
       CASE WHEN i.property IS :: LIST<ANY> THEN [value IN i.property | toStringOrNull(value)]
            ELSE [toStringOrNull(i.property)] END AS values

// Values of one property of one reader's users, for graphs whose mapping makes features of it: `property` stands for its name.
// $lanes, $lane: whole numbers: of so many readers, which this one is; it gets the nodes whose number leaves that remainder.
// Answers node, the server's own number of a node, valid only for the transaction that read it; values: LIST<STRING>, the elements
// of a list, or the only one. Cost: one pass over all users.
MATCH (u:User) WHERE id(u) % $lanes = $lane AND u.property IS NOT NULL
RETURN id(u) AS node,
       CASE WHEN u.property IS :: LIST<ANY> THEN [value IN u.property | toStringOrNull(value)]
            ELSE [toStringOrNull(u.property)] END AS values

// Items that were marked as changed from a moment on, the last ones first: whether they are available, and all that filters ask for.
// $since: ms since 1970, of the server's clock; $most: INTEGER, more of them are not told. Answers features: LIST of [kind, value].
// Cost: one look-up in an index, one node and its HAS relationships for each.
MATCH (i:Item) WHERE i.changed >= $since
WITH i ORDER BY i.changed DESC LIMIT $most
RETURN i.id AS id, coalesce(i.available, true) AS available, i.title AS title, toFloat(i.at) AS at,
       [(i)-[:HAS]->(f:Feature) | [f.kind, f.value]] AS features

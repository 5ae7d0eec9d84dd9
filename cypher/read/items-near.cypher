// The items whose vectors point most the way of an item's, from the vector index: on servers before 2026.04. $item: STRING;
// $slot: STRING, the current one of read/slots; $index: STRING, its index over items ('item_vector_a' for 'vectorA');
// $candidates: INTEGER, how many the index is asked for, some more than $limit: INTEGER, since the item itself and what is
// unavailable fall out. Answers id, title: STRING; score: FLOAT, the cosine, -1 to 1; no row where the item has no vector
// there. The index keeps vectors as bytes, so the cosine is computed anew. Approximate: an item can be missed. Cost: one
// search of the index, about log(items) × $candidates steps.
MATCH (item:Item {id: $item})
WHERE item[$slot] IS NOT NULL
CALL db.index.vector.queryNodes($index, toInteger($candidates), item[$slot]) YIELD node
WITH item, node
WHERE node <> item AND coalesce(node.available, true)
RETURN node.id AS id, coalesce(node.title, node.id) AS title,
       2 * vector.similarity.cosine(item[$slot], node[$slot]) - 1 AS score
ORDER BY score DESC, id
LIMIT toInteger($limit);

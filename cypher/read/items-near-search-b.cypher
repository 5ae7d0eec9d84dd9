// The items whose vectors point most the way of an item's, from the vector index: on servers from 2026.04 on, where vectorB is
// the current slot of read/slots. $item: STRING; $candidates: INTEGER, how many the index is asked for, some more than $limit:
// INTEGER, since the item itself and what is unavailable fall out. Answers id, title: STRING; score: FLOAT, the cosine, -1 to
// 1; no row where the item has no vector there. The index keeps vectors as bytes, so the cosine is computed anew. Approximate:
// an item can be missed. Cost: one search of the index, about log(items) × $candidates steps.
CYPHER 25
MATCH (item:Item {id: $item})
WHERE item.vectorB IS NOT NULL
MATCH (node:Item)
SEARCH node IN (VECTOR INDEX item_vector_b FOR item.vectorB LIMIT $candidates)
WITH item, node
WHERE node <> item AND coalesce(node.available, true)
RETURN node.id AS id, coalesce(node.title, node.id) AS title,
       2 * vector.similarity.cosine(item.vectorB, node.vectorB) - 1 AS score
ORDER BY score DESC, id
LIMIT $limit;

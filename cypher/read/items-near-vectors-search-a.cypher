// The items whose vectors point most the way of some vectors, from the vector index: on servers from 2026.04 on, where vectorA is
// the current slot of read/slots. $vectors: LIST<LIST<FLOAT>>, of the index's width, none of length 0; $candidates: INTEGER, how
// many the index is asked for. Answers, in the order of $vectors, items: LIST<STRING>, nearest first. Approximate: an item can be
// missed. Cost: for each vector one search of the index, about log(items) × $candidates steps.
CYPHER 25
UNWIND range(0, size($vectors) - 1) AS place
CALL (place) {
  WITH $vectors[place] AS vector
  MATCH (node:Item)
  SEARCH node IN (VECTOR INDEX item_vector_a FOR vector LIMIT $candidates) SCORE AS score
  WITH node, score
  ORDER BY score DESC
  RETURN collect(node.id) AS items
}
RETURN items
ORDER BY place;

// The items whose vectors point most the way of some vectors, from the vector index: on servers before 2026.04. $vectors:
// LIST<LIST<FLOAT>>, of the index's width, none of length 0; $index: STRING, the index over items of the slot that is current in
// read/slots ('item_vector_a' for 'vectorA'); $candidates: INTEGER, how many the index is asked for. Answers, in the order of $vectors, items:
// LIST<STRING>, nearest first. Approximate: an item can be missed. Cost: for each vector one search of the index, about
// log(items) × $candidates steps.
UNWIND range(0, size($vectors) - 1) AS place
CALL (place) {
  CALL db.index.vector.queryNodes($index, toInteger($candidates), $vectors[place]) YIELD node, score
  WITH node, score
  ORDER BY score DESC
  RETURN collect(node.id) AS items
}
RETURN items
ORDER BY place;

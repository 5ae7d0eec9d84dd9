// Evidence through features: what the item has in common with items that the user chose (genre, director, …), and how many.
// $user: STRING; $items: LIST<STRING> (≤ 20); $minValue: FLOAT, the least value that counts as liked, −Infinity where all do;
// $likedFrom: MAP of type to FLOAT, the same where a type has its own; $countsFrom: MAP of type to ms since 1970, before which it has expired;
// $history: INTEGER (≤ 100), how many of the user's items are looked at, the newest written first; $limit: INTEGER (≤ 10) paths
// an item. Answers through: key of the feature; kind, value; count: of the user's items that have it; capped: the user chose more
// items than were looked at; score: overlap of the user's items and the feature's, count / √(items · degree), so that what
// everything has says little. Cost: degree(user) + $history × features of an item, for each item.
MATCH (user:User {id: $user})
CALL {
  WITH user
  MATCH (user)-[mine:INTERACTED]->(liked:Item)
  WHERE coalesce(mine.value, 1.0) >= coalesce($likedFrom[mine.type], $minValue)
      AND coalesce(mine.at >= $countsFrom[mine.type], true)
  WITH DISTINCT liked
  LIMIT toInteger($history)
  RETURN collect(liked) AS history
}
UNWIND $items AS itemId
MATCH (item:Item {id: itemId})
CALL {
  WITH item
  MATCH (item)-[:HAS]->(feature:Feature)
  RETURN collect(feature) AS features
}
CALL {
  WITH item, history, features
  UNWIND history AS liked
  MATCH (liked)-[:HAS]->(feature:Feature)
  WHERE feature IN features AND liked <> item
  WITH history, feature, count(DISTINCT liked) AS shared
  WITH feature, shared, shared / sqrt(toFloat(size(history)) * COUNT { (feature)<-[:HAS]-() }) AS score
  ORDER BY score DESC, feature.key
  LIMIT toInteger($limit)
  RETURN feature, shared, score
}
RETURN item.id AS item, feature.key AS through, feature.kind AS kind, feature.value AS value, shared AS count,
       size(history) >= $history AS capped, score
ORDER BY item, score DESC, through;

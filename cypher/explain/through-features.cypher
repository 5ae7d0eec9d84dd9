// Evidence through features: what the item has in common with items that the user chose (genre, director, …), and how many.
// $user: STRING; $items: LIST<STRING> (≤ 20); $minValue: FLOAT, the least value that counts as liked, −Infinity where all do;
// $likedFrom: MAP of type to FLOAT, the same where a type has its own; $countsFrom: MAP of type to ms since 1970, before which it has expired;
// $history: INTEGER (≤ 100), how many of the user's items are looked at, the newest first; $limit: INTEGER (≤ 10) paths an item,
// those that join most, so that what everything has comes last. Answers through: key of the feature; kind, value; count: of the
// user's items that have it; looked: how many of hers were looked at; ofThrough: all items that have it; at, newest: ms since 1970
// of the user's last interaction with one of them, and with anything; capped: the user chose more items than were looked at.
// Cost: degree(user) + $history × features of an item, for each item.
MATCH (user:User {id: $user})
CALL {
  WITH user
  MATCH (user)-[mine:INTERACTED]->(liked:Item)
  WHERE coalesce(mine.value, 1.0) >= coalesce($likedFrom[mine.type], $minValue)
      AND coalesce(mine.at >= $countsFrom[mine.type], true)
  WITH liked, max(toFloat(mine.at)) AS moment
  ORDER BY coalesce(moment, -1.0e300) DESC
  LIMIT toInteger($history)
  RETURN collect({item: liked, moment: moment}) AS dated, max(moment) AS newest
}
UNWIND $items AS itemId
MATCH (item:Item {id: itemId})
CALL {
  WITH item
  MATCH (item)-[:HAS]->(feature:Feature)
  RETURN collect(feature) AS features
}
CALL {
  WITH item, dated, features
  UNWIND dated AS each
  WITH item, features, each.item AS liked, each.moment AS moment
  MATCH (liked)-[:HAS]->(feature:Feature)
  WHERE feature IN features AND liked <> item
  WITH feature, count(DISTINCT liked) AS shared, max(moment) AS at
  WITH feature, shared, at, COUNT { (feature)<-[:HAS]-() } AS ofThrough
  ORDER BY shared / sqrt(toFloat(ofThrough)) DESC, feature.key
  LIMIT toInteger($limit)
  RETURN feature, shared, at, ofThrough
}
RETURN item.id AS item, feature.key AS through, feature.kind AS kind, feature.value AS value, shared AS count,
       size(dated) AS looked, ofThrough, at, newest, size(dated) >= $history AS capped
ORDER BY item, shared / sqrt(toFloat(ofThrough)) DESC, through;

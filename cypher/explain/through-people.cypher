// Evidence through other people: of those who chose the item, how many chose something that the user chose too.
// $user: STRING; $items: LIST<STRING> (≤ 20); $minValue: FLOAT, the least value that counts as liked, −Infinity where all do;
// $likedFrom: MAP of type to FLOAT, the same where a type has its own; $countsFrom: MAP of type to ms since 1970, before which it has expired;
// $history, $audience: INTEGER (≤ 100), how many of the user's items and of each item's people are looked at, the newest written
// first; $limit: INTEGER (≤ 10) paths an item. Answers counts only, never who: through, title, count; capped: more people chose
// the item than were looked at; score: overlap of the two audiences, count / √(degree · degree), by which the paths are ordered.
// Cost: degree(user) + Σ over items of $audience × degree of a person.
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
  WITH user, item
  MATCH (item)<-[theirs:INTERACTED]-(other:User)
  WHERE other <> user AND coalesce(theirs.value, 1.0) >= coalesce($likedFrom[theirs.type], $minValue)
      AND coalesce(theirs.at >= $countsFrom[theirs.type], true)
  WITH DISTINCT other
  LIMIT toInteger($audience)
  RETURN collect(other) AS audience
}
CALL {
  WITH item, history, audience
  UNWIND audience AS other
  MATCH (other)-[also:INTERACTED]->(shared:Item)
  WHERE shared IN history AND shared <> item AND coalesce(also.value, 1.0) >= coalesce($likedFrom[also.type], $minValue)
      AND coalesce(also.at >= $countsFrom[also.type], true)
  WITH item, shared, count(DISTINCT other) AS people
  WITH shared, people,
       people / sqrt(toFloat(COUNT { (shared)<-[:INTERACTED]-() }) * COUNT { (item)<-[:INTERACTED]-() }) AS score
  ORDER BY score DESC, shared.id
  LIMIT toInteger($limit)
  RETURN shared, people, score
}
RETURN item.id AS item, shared.id AS through, coalesce(shared.title, shared.id) AS title, people AS count,
       size(audience) >= $audience AS capped, score
ORDER BY item, score DESC, through;

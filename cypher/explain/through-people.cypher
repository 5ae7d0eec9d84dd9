// Evidence through other people: of those who chose the item, how many chose something that the user chose too.
// $user: STRING; $items: LIST<STRING> (≤ 20); $minValue: FLOAT, the least value that counts as liked, −Infinity where all do;
// $likedFrom: MAP of type to FLOAT, the same where a type has its own; $countsFrom: MAP of type to ms since 1970, before which it has expired;
// $history, $audience: INTEGER (≤ 100), how many of the user's items, the newest first, and of each item's people, the newest written
// first, are looked at; $limit: INTEGER (≤ 10) paths an item, those that join most. Answers counts only, never who: through, title,
// count; looked: people looked at; ofItem, ofThrough: interactions of the two items; at, newest: ms since 1970 of the user's last
// interaction with the item on the way, and with anything; capped: more people chose the item than were looked at.
// Cost: degree(user) + Σ over items of $audience × degree of a person.
MATCH (user:User {id: $user})
CALL {
  WITH user
  MATCH (user)-[mine:INTERACTED]->(liked:Item)
  WHERE coalesce(mine.value, 1.0) >= coalesce($likedFrom[mine.type], $minValue)
      AND coalesce(mine.at >= $countsFrom[mine.type], true)
  WITH liked, max(toFloat(mine.at)) AS moment
  ORDER BY coalesce(moment, -1.0e300) DESC
  LIMIT toInteger($history)
  RETURN collect(liked) AS history, collect({item: liked, moment: moment}) AS dated, max(moment) AS newest
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
  WITH shared, people, COUNT { (shared)<-[:INTERACTED]-() } AS ofThrough, COUNT { (item)<-[:INTERACTED]-() } AS ofItem
  ORDER BY people / sqrt(toFloat(ofThrough) * ofItem) DESC, shared.id
  LIMIT toInteger($limit)
  RETURN shared, people, ofThrough, ofItem
}
RETURN item.id AS item, shared.id AS through, coalesce(shared.title, shared.id) AS title, people AS count,
       size(audience) AS looked, ofItem, ofThrough, [each IN dated WHERE each.item = shared | each.moment][0] AS at, newest,
       size(audience) >= $audience AS capped
ORDER BY item, people / sqrt(toFloat(ofThrough) * ofItem) DESC, through;

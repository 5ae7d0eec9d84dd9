// Evidence through trust: how many of those whom the user trusts chose the item. Answers counts only, never who.
// $user: STRING; $items: LIST<STRING> (≤ 20); $minValue: FLOAT, the least value that counts as liked, −Infinity where all do;
// $likedFrom: MAP of type to FLOAT, the same where a type has its own; $countsFrom: MAP of type to ms since 1970, before which it has expired;
// $trusted: INTEGER (≤ 200), how many trusted people are looked at, the newest written first.
// Answers item, count; looked: trusted people looked at; ofItem: the item's interactions; capped: more are trusted than were looked
// at. Cost: for each item the smaller degree of each pair of trusted person and item.
MATCH (user:User {id: $user})
CALL {
  WITH user
  MATCH (user)-[:TRUSTS]->(friend:User)
  WITH DISTINCT friend
  LIMIT toInteger($trusted)
  RETURN collect(friend) AS trusted
}
UNWIND $items AS itemId
MATCH (item:Item {id: itemId})
CALL {
  WITH item, trusted
  UNWIND trusted AS friend
  MATCH (friend)-[theirs:INTERACTED]->(item)
  WHERE coalesce(theirs.value, 1.0) >= coalesce($likedFrom[theirs.type], $minValue)
      AND coalesce(theirs.at >= $countsFrom[theirs.type], true)
  RETURN count(DISTINCT friend) AS people
}
WITH item, trusted, people
WHERE people > 0
RETURN item.id AS item, people AS count, size(trusted) AS looked, COUNT { (item)<-[:INTERACTED]-() } AS ofItem,
       size(trusted) >= $trusted AS capped
ORDER BY item;

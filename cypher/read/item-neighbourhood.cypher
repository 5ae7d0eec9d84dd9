// What an item is known by beside its features, for a vector of one that came after a training: the items that people chose with it.
// $item: STRING; $minValue: FLOAT, the least value that counts as liked, −Infinity where all do;
// $likedFrom: MAP of type to FLOAT, the same where a type has its own; $countsFrom: MAP of type to ms since 1970, before which it has expired; $audience: INTEGER, how many of its people are looked
// at, and how many items of each; $limit: INTEGER, most neighbours.
// Answers nothing where there is no such item; else id, title, and neighbours:
// LIST<MAP {item, share}> by share, which is how often a walk of two steps from the item ends there: Σ over its people of 1 / their items.
// Cost: $audience × degree of a person.
MATCH (item:Item {id: $item})
CALL {
  WITH item
  MATCH (item)<-[theirs:INTERACTED]-(person:User)
  WHERE coalesce(theirs.value, 1.0) >= coalesce($likedFrom[theirs.type], $minValue)
      AND coalesce(theirs.at >= $countsFrom[theirs.type], true)
  WITH DISTINCT item, person
  LIMIT toInteger($audience)
  CALL {
    WITH item, person
    MATCH (person)-[also:INTERACTED]->(other:Item)
    WHERE other <> item AND coalesce(also.value, 1.0) >= coalesce($likedFrom[also.type], $minValue)
      AND coalesce(also.at >= $countsFrom[also.type], true)
    WITH DISTINCT other
    LIMIT toInteger($audience)
    RETURN collect(other) AS others
  }
  UNWIND others AS other
  WITH other, sum(1.0 / size(others)) AS share
  ORDER BY share DESC, other.id
  LIMIT toInteger($limit)
  RETURN collect({item: other.id, share: share}) AS neighbours
}
RETURN item.id AS id, coalesce(item.title, item.id) AS title, neighbours;

// What else the people chose who chose some items: items that enough of them chose, never who they are.
// $first: STRING, an item that all of them chose; $second: STRING or null, another; $self: STRING, a user who is none of them;
// $known: LIST<STRING>, items that are not told; $minValue: FLOAT; $likedFrom, $countsFrom: MAP, as in through-people; $audience:
// INTEGER (≤ 1,000), how many of the people are looked at, the newest written first; $least: INTEGER, of how many people an item is
// told; $limit: INTEGER items. Answers people: INTEGER, how many were looked at; capped: BOOLEAN, whether
// there are more; id, title: STRING; count: INTEGER; no rows where nothing is told. Cost: $audience × degree of a person.
MATCH (first:Item {id: $first})<-[chose:INTERACTED]-(other:User)
WHERE other.id <> $self AND coalesce(chose.value, 1.0) >= coalesce($likedFrom[chose.type], $minValue)
    AND coalesce(chose.at >= $countsFrom[chose.type], true)
WITH DISTINCT other
WHERE $second IS NULL OR EXISTS { (other)-[:INTERACTED]->(:Item {id: $second}) }
WITH other
LIMIT toInteger($audience)
WITH collect(other) AS audience
CALL {
  WITH audience
  UNWIND audience AS other
  MATCH (other)-[also:INTERACTED]->(item:Item)
  WHERE NOT item.id IN $known AND coalesce(also.value, 1.0) >= coalesce($likedFrom[also.type], $minValue)
      AND coalesce(also.at >= $countsFrom[also.type], true)
  WITH item, count(DISTINCT other) AS count
  WHERE count >= $least
  RETURN item, count
  ORDER BY count / sqrt(toFloat(COUNT { (item)<-[:INTERACTED]-() })) DESC, item.id
  LIMIT toInteger($limit)
}
RETURN size(audience) AS people, size(audience) >= $audience AS capped, item.id AS id, coalesce(item.title, item.id) AS title, count
ORDER BY count DESC, id;

// What the people chose whom a user trusts: items that enough of them chose, never who they are.
// $user: STRING; $minValue: FLOAT; $likedFrom, $countsFrom: MAP, as in through-people; $audience: INTEGER (≤ 1,000), how many of the
// people are looked at; $least: INTEGER, of how many people an item is told; $limit: INTEGER items.
// Answers id, title: STRING; count: INTEGER. Cost: $audience × degree of a person.
MATCH (:User {id: $user})-[:TRUSTS]->(other:User)
WITH DISTINCT other
LIMIT toInteger($audience)
MATCH (other)-[also:INTERACTED]->(item:Item)
WHERE coalesce(also.value, 1.0) >= coalesce($likedFrom[also.type], $minValue)
    AND coalesce(also.at >= $countsFrom[also.type], true)
WITH item, count(DISTINCT other) AS count
WHERE count >= $least
RETURN item.id AS id, coalesce(item.title, item.id) AS title, count
ORDER BY count / sqrt(toFloat(COUNT { (item)<-[:INTERACTED]-() })) DESC, id
LIMIT toInteger($limit);

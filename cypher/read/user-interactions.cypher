// What a user has done up to now, in any way: what her taste is read from, and what to leave out of recommendations.
// $user: STRING; $countsFrom: MAP of type to ms since 1970, before which an interaction of that type has expired; empty
// where none does. Answers interactions: LIST<LIST [item: STRING, type: STRING, value: FLOAT, at: ms since 1970 or null]>, newest
// first, those without a time before all others, at most 100,000. Cost: one index look-up and the user's degree.
MATCH (:User {id: $user})-[done:INTERACTED]->(item:Item)
WHERE coalesce(done.at >= $countsFrom[done.type], true)
WITH item.id AS id, done.type AS type, coalesce(toFloat(done.value), 1.0) AS value, toFloat(done.at) AS at
ORDER BY coalesce(at, -1.0e300) DESC, id
LIMIT 100000
RETURN collect([id, type, value, at]) AS interactions;

// What users have done up to now, in any way: what their taste is read from, and what to leave out of recommendations.
// $given: MAP {users: LIST<STRING>}; $countsFrom: MAP of type to ms since 1970, before which an interaction of that type has expired; empty
// where none does. Answers place: in users; interactions: LIST<LIST [item: STRING, type: STRING, value: FLOAT, at: ms since 1970 or
// null]>, newest first, those without a time before all others, at most 100,000 of each user. Cost: for each user one index look-up
// and the user's degree.
UNWIND range(0, size($given.users) - 1) AS place
CALL (place) {
  MATCH (:User {id: $given.users[place]})-[done:INTERACTED]->(item:Item)
  WHERE coalesce(done.at >= $countsFrom[done.type], true)
  WITH item.id AS id, done.type AS type, coalesce(toFloat(done.value), 1.0) AS value, toFloat(done.at) AS at
  ORDER BY coalesce(at, -1.0e300) DESC, id
  LIMIT 100000
  RETURN collect([id, type, value, at]) AS interactions
}
RETURN toFloat(place) AS place, interactions;

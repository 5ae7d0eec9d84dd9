// The items a user has interacted with in any way up to now: what to leave out of recommendations. $user: STRING;
// $countsFrom: MAP of type to ms since 1970, before which an interaction of that type has expired; empty where none does.
// Answers items: LIST<STRING>, at most 100,000. Cost: one index look-up and the user's degree.
MATCH (:User {id: $user})-[done:INTERACTED]->(item:Item)
WHERE coalesce(done.at >= $countsFrom[done.type], true)
WITH DISTINCT item
LIMIT 100000
RETURN collect(item.id) AS items;

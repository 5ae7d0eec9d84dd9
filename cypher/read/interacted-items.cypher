// The items a user has interacted with in any way up to now: what to leave out of recommendations. $user: STRING.
// Answers items: LIST<STRING>, at most 100,000. Cost: one index look-up and the user's degree.
MATCH (:User {id: $user})-[:INTERACTED]->(item:Item)
WITH DISTINCT item
LIMIT 100000
RETURN collect(item.id) AS items;

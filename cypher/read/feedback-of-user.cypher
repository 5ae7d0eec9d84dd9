// Feedback of a user as Gorse has it: one row an item and type, with the sum of the values and the last time.
// $user: STRING; $item, $only: STRING, the one item and type that are wanted, or null. Cost: the user's INTERACTED relationships.
MATCH (user:User {id: $user})-[r:INTERACTED]->(item:Item)
WHERE ($item IS NULL OR item.id = $item) AND ($only IS NULL OR r.type = $only)
RETURN user.id AS user, item.id AS item, r.type AS type, sum(coalesce(r.value, 1)) AS value, toFloat(max(r.at)) AS at
ORDER BY item, type
LIMIT 100000

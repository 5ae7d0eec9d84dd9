// Feedback about an item as Gorse has it: one row a user and type, with the sum of the values and the last time.
// $item: STRING; $only: STRING, the one type that is wanted, or null. Cost: the item's INTERACTED relationships.
MATCH (item:Item {id: $item})<-[r:INTERACTED]-(user:User)
WHERE $only IS NULL OR r.type = $only
RETURN user.id AS user, item.id AS item, r.type AS type, sum(coalesce(r.value, 1)) AS value, toFloat(max(r.at)) AS at
ORDER BY user, type
LIMIT 100000

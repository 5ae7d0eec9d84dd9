// One page of feedback as Gorse has it: one row a user, item and type, with the sum of the values and the last time.
// $user, $item, $type: STRING, the last row of the page before, '' for the first; $only: STRING, the one type that is wanted, or null;
// $limit: whole number. Cost: an index seek, and the INTERACTED relationships of at most $limit + 1 users.
MATCH (user:User)
WHERE user.id >= $user AND EXISTS { MATCH (user)-[any:INTERACTED]->(:Item) WHERE $only IS NULL OR any.type = $only }
WITH user ORDER BY user.id LIMIT toInteger($limit) + 1
MATCH (user)-[r:INTERACTED]->(item:Item)
WHERE ($only IS NULL OR r.type = $only)
  AND (user.id > $user OR item.id > $item OR (item.id = $item AND r.type > $type))
RETURN user.id AS user, item.id AS item, r.type AS type, sum(coalesce(r.value, 1)) AS value, toFloat(max(r.at)) AS at
ORDER BY user, item, type
LIMIT toInteger($limit)

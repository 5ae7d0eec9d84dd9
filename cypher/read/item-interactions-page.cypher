// One page of the interactions with an item, by user, time and type.
// $item: STRING; $user, $type: STRING, $at: ms since 1970: the last of the page before, '' and -1 for the first; $only: STRING, the one
// type that is wanted, or null; $limit: whole number. Cost: the item's INTERACTED relationships.
MATCH (item:Item {id: $item})<-[r:INTERACTED]-(user:User)
WHERE ($only IS NULL OR r.type = $only)
  AND (user.id > $user OR (user.id = $user AND (r.at > $at OR (r.at = $at AND r.type > $type))))
RETURN user.id AS user, item.id AS item, r.type AS type, toFloat(r.at) AS at, r.value AS value
ORDER BY user, at, type
LIMIT toInteger($limit)

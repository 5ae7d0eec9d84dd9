// One page of the interactions with an item, newest first, then by user and type.
// $item: STRING; $user, $type: STRING, $at: ms since 1970: the last of the page before, '' and a moment after all for the first; $only:
// STRING, the one type that is wanted, or null; $limit: whole number. Cost: the item's INTERACTED relationships.
MATCH (item:Item {id: $item})<-[r:INTERACTED]-(user:User)
WHERE ($only IS NULL OR r.type = $only)
  AND (r.at < $at OR (r.at = $at AND (user.id > $user OR (user.id = $user AND r.type > $type))))
RETURN user.id AS user, item.id AS item, r.type AS type, toFloat(r.at) AS at, r.value AS value
ORDER BY at DESC, user, type
LIMIT toInteger($limit)

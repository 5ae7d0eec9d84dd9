// One page of all interactions, by user, time, item and type.
// $user, $item, $type: STRING, $at: ms since 1970: the last of the page before; '' and -1 for the first. $only: STRING, the one type
// that is wanted, or null; $limit: whole number.
// Cost: an index seek (without the hint a scan from the first user on); users in the index's order until the page is full, and the INTERACTED relationships of these.
MATCH (user:User)-[r:INTERACTED]->(item:Item)
USING INDEX SEEK user:User(id)
WHERE user.id >= $user AND ($only IS NULL OR r.type = $only)
  AND (user.id > $user OR r.at > $at OR (r.at = $at AND (item.id > $item OR (item.id = $item AND r.type > $type))))
RETURN user.id AS user, item.id AS item, r.type AS type, toFloat(r.at) AS at, r.value AS value
ORDER BY user, at, item, type
LIMIT toInteger($limit)

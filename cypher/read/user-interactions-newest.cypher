// One page of a user's interactions, newest first, then by item and type; with one item alone where $item is given.
// $user: STRING; $item: STRING or null; $afterItem, $afterType: STRING, $at: ms since 1970: the last of the page before, '' and a moment
// after all for the first; $only: STRING, the one type that is wanted, or null; $limit: whole number. Cost: the user's INTERACTED
// relationships.
MATCH (user:User {id: $user})-[r:INTERACTED]->(item:Item)
WHERE ($item IS NULL OR item.id = $item) AND ($only IS NULL OR r.type = $only)
  AND (r.at < $at OR (r.at = $at AND (item.id > $afterItem OR (item.id = $afterItem AND r.type > $afterType))))
RETURN user.id AS user, item.id AS item, r.type AS type, toFloat(r.at) AS at, r.value AS value
ORDER BY at DESC, item, type
LIMIT toInteger($limit)

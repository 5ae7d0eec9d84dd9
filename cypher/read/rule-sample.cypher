// Somebody and something to try a rule with: the named user or any who has interacted, and the ids of a few items.
// $user: STRING or null. Answers user: STRING or null, items: LIST<STRING>. Cost: constant.
OPTIONAL MATCH (someone:User)
WHERE ($user IS NULL AND EXISTS { (someone)-[:INTERACTED]->() }) OR someone.id = $user
WITH someone
LIMIT 1
CALL () {
  MATCH (item:Item)
  WITH item
  LIMIT 50
  RETURN collect(item.id) AS items
}
RETURN coalesce($user, someone.id) AS user, items;

// The items that came last of those that have a feature, and others beside it, newest first: as read/latest-items.
// $key: STRING, of the feature; $given: MAP {others, without: LIST<STRING>}, keys of further features and ids to leave out;
// $limit: whole number. Answers id: STRING; at: FLOAT, ms since 1970. Cost: one index look-up and the items of the feature.
MATCH (:Feature {key: $key})<-[:HAS]-(item:Item)
WHERE item.at IS NOT NULL AND coalesce(item.available, true) AND NOT item.id IN $given.without
  AND all(other IN $given.others WHERE EXISTS { MATCH (item)-[:HAS]->(:Feature {key: other}) })
RETURN item.id AS id, toFloat(item.at) AS at
ORDER BY item.at DESC, item.id
LIMIT toInteger($limit)

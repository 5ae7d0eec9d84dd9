// The items that came last, newest first. Items without a time and those that are not available are passed over.
// $given: MAP {without: LIST<STRING>}, ids to leave out; $limit: whole number. Answers id: STRING; at: FLOAT, ms since 1970.
// Cost: the newest entries of an index, as many as it takes to find $limit.
MATCH (item:Item)
WHERE item.at IS NOT NULL AND coalesce(item.available, true) AND NOT item.id IN $given.without
RETURN item.id AS id, toFloat(item.at) AS at
ORDER BY item.at DESC, item.id
LIMIT toInteger($limit)

// A page of the items that have a vector in a slot, by id. $slot: STRING, 'vectorA' or 'vectorB'; $after: STRING, the last id of the page
// before, or ''; $limit: INTEGER. Answers ids: LIST<STRING>, ascending. Cost: the page's nodes, in the order of the index of ids.
MATCH (item:Item)
WHERE item.id > $after
WITH item ORDER BY item.id LIMIT toInteger($limit)
WITH collect(item.id) AS page, collect(CASE WHEN item[$slot] IS NOT NULL THEN item.id END) AS ids
RETURN ids, last(page) AS last;

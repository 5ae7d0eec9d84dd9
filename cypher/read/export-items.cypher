// One page of items with their attributes, for an export: parallel lists of the attributes' properties and their values.
// $after: STRING, the last id of the page before, '' for the first; $limit: whole number, items a page.
// Cost: an index seek, and $limit nodes.
MATCH (item:Item) WHERE item.id > $after
WITH item ORDER BY item.id LIMIT toInteger($limit)
WITH item, [key IN keys(item) WHERE key STARTS WITH 'num_' OR key STARTS WITH 'text_' OR key STARTS WITH 'vec_'] AS keys
RETURN item.id AS id, item.title AS title, toFloat(item.at) AS at, item.available AS available, keys, [key IN keys | item[key]] AS values
ORDER BY id

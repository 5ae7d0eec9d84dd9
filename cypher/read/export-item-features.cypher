// The features of one page of items, for an export: a list of [kind, value, weight] for each.
// $after: STRING, the last id of the page before, '' for the first; $limit: whole number, items a page.
// Cost: an index seek, and the HAS relationships of $limit nodes.
MATCH (item:Item) WHERE item.id > $after
WITH item ORDER BY item.id LIMIT toInteger($limit)
RETURN item.id AS id, [(item)-[has:HAS]->(feature:Feature) | [feature.kind, feature.value, has.weight]] AS edges
ORDER BY id

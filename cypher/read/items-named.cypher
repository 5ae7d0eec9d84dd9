// Items by their ids, with their attributes as parallel lists, and their features as lists of [kind, value, weight]; no row for
// what there is not. $ids: LIST<STRING>. Cost: one index look-up, one node and its HAS relationships an id.
UNWIND $ids AS id
MATCH (item:Item {id: id})
WITH item, [key IN keys(item) WHERE key STARTS WITH 'num_' OR key STARTS WITH 'text_' OR key STARTS WITH 'vec_'] AS keys
RETURN item.id AS id, item.title AS title, toFloat(item.at) AS at, item.available AS available, keys,
       [key IN keys | item[key]] AS values,
       [(item)-[has:HAS]->(feature:Feature) | [feature.kind, feature.value, has.weight]] AS edges

// Whether items are available; no row for what there is not. $ids: LIST<STRING>. Cost: one index look-up an id.
UNWIND $ids AS id
MATCH (i:Item {id: id})
RETURN i.id AS id, coalesce(i.available, true) AS available

// Sets titles and release times of items that exist; what a row does not say stays. $rows: LIST<MAP {id: STRING, title:
// STRING or null, at: ms since 1970 or null}>. Marks the items that it changes. Cost: one index look-up a row; writes only what differs.
UNWIND $rows AS row
MATCH (item:Item {id: row.id})
WITH item, coalesce(row.title, item.title) AS title, coalesce(toInteger(row.at), item.at) AS at
WHERE coalesce(item.title <> title, title IS NOT NULL) OR coalesce(item.at <> at, at IS NOT NULL)
SET item.title = title, item.at = at, item.changed = timestamp()

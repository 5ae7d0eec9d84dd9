// Sets titles and release times of items that exist; what a row does not say stays. $rows: LIST<MAP {id: STRING, title:
// STRING or null, at: ms since 1970 or null}>. Cost: one index look-up a row; writes only what differs.
UNWIND $rows AS row
MATCH (item:Item {id: row.id})
SET item.title = coalesce(row.title, item.title), item.at = coalesce(toInteger(row.at), item.at)

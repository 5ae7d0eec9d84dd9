// Sees to it that items exist; a new one is available. $given: MAP {ids: LIST<STRING>}, ascending, so that concurrent writers take
// locks in one order. Cost: one index look-up an id.
UNWIND $given.ids AS id
MERGE (item:Item {id: id})
ON CREATE SET item.available = true, item.changed = timestamp()

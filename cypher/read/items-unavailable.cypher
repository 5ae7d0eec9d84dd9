// Ids of all items that are not available. No parameters. Cost: one pass over all items.
MATCH (i:Item) WHERE i.available = false
RETURN i.id AS id

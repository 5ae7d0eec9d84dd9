// Items that were marked as changed from a moment on, and whether they are available. $since: ms since 1970, of the server's clock;
// $most: INTEGER, more of them are not told. Cost: one look-up in an index and one node for each.
MATCH (i:Item) WHERE i.changed >= $since
RETURN i.id AS id, coalesce(i.available, true) AS available
LIMIT $most

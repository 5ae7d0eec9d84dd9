// Which labels and relationship types the database knows; some may have no node or relationship any more.
// Parameters: none. Answers labels, types: LIST<STRING>, by name. Cost: constant, from the store's list of names.
CALL { CALL db.labels() YIELD label WITH label ORDER BY label RETURN collect(label) AS labels }
CALL { CALL db.relationshipTypes() YIELD relationshipType AS type WITH type ORDER BY type RETURN collect(type) AS types }
RETURN labels, types

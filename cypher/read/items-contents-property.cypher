// Values of one property of all items, by outside id, for graphs whose mapping makes features of it: `property` stands for its name.
// No parameters. Answers values: LIST<STRING>, the elements of a list, or the only one. Cost: one pass over all items.
MATCH (i:Item) WHERE i.property IS NOT NULL
RETURN i.id AS id,
       CASE WHEN i.property IS :: LIST<ANY> THEN [value IN i.property | toStringOrNull(value)]
            ELSE [toStringOrNull(i.property)] END AS values

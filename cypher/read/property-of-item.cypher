// Values of one property of one item, for graphs whose mapping makes features of it: `property` stands for its name. $item: STRING.
// Answers values: LIST<STRING>, the elements of a list, or the only one. Cost: one index look-up.
MATCH (item:Item {id: $item}) WHERE item.property IS NOT NULL
RETURN CASE WHEN item.property IS :: LIST<ANY> THEN [value IN item.property | toStringOrNull(value)]
            ELSE [toStringOrNull(item.property)] END AS values

// Titles and times of items, in no order. $most: INTEGER, more of them are not told. Cost: one pass over so many items.
MATCH (i:Item)
WITH i LIMIT $most
RETURN i.id AS id, i.title AS title, toFloat(i.at) AS at

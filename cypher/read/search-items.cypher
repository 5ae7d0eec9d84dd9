// Items whose ids begin with a text, by id.
// $text: STRING; $limit: whole number. Cost: an index seek; the items that it finds, up to the limit.
MATCH (item:Item)
USING INDEX SEEK item:Item(id)
WHERE item.id STARTS WITH $text
RETURN item.id AS id, coalesce(item.title, item.id) AS title
ORDER BY id
LIMIT toInteger($limit)

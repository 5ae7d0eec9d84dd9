// Users whose ids begin with a text, by id.
// $text: STRING; $limit: whole number. Cost: an index seek; the users that it finds, up to the limit.
MATCH (user:User)
USING INDEX SEEK user:User(id)
WHERE user.id STARTS WITH $text
RETURN user.id AS id
ORDER BY id
LIMIT toInteger($limit)

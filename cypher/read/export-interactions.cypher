// The interactions of one page of users, for an export: a list of [item, type, at, value, part, context] for each.
// $after: STRING, the last id of the page before, '' for the first; $limit: whole number, users a page.
// Cost: an index seek, and the INTERACTED relationships of $limit users.
MATCH (user:User) WHERE user.id > $after
WITH user ORDER BY user.id LIMIT toInteger($limit)
RETURN user.id AS id,
       [(user)-[r:INTERACTED]->(item:Item) | [item.id, r.type, toFloat(r.at), r.value, r.part, r.context]] AS edges
ORDER BY id

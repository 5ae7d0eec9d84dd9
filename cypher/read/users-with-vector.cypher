// A page of the users that have a vector in a slot, by id. $slot: STRING, 'vectorA' or 'vectorB'; $after: STRING, the last id of the page
// before, or ''; $limit: INTEGER. Answers ids: LIST<STRING>, ascending. Cost: the page's nodes, in the order of the index of ids.
MATCH (user:User)
WHERE user.id > $after
WITH user ORDER BY user.id LIMIT toInteger($limit)
WITH collect(user.id) AS page, collect(CASE WHEN user[$slot] IS NOT NULL THEN user.id END) AS ids
RETURN ids, last(page) AS last;

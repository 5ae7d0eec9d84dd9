// The features of one page of users, for an export: a list of [kind, value, weight] for each.
// $after: STRING, the last id of the page before, '' for the first; $limit: whole number, users a page.
// Cost: an index seek, and the HAS relationships of $limit nodes.
MATCH (user:User) WHERE user.id > $after
WITH user ORDER BY user.id LIMIT toInteger($limit)
RETURN user.id AS id, [(user)-[has:HAS]->(feature:Feature) | [feature.kind, feature.value, has.weight]] AS edges
ORDER BY id

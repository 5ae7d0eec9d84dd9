// Whom one page of users trust, for an export: a list of [trusted, weight] for each.
// $after: STRING, the last id of the page before, '' for the first; $limit: whole number, users a page.
// Cost: an index seek, and the TRUSTS relationships of $limit users.
MATCH (user:User) WHERE user.id > $after
WITH user ORDER BY user.id LIMIT toInteger($limit)
RETURN user.id AS id, [(user)-[trusts:TRUSTS]->(other:User) | [other.id, trusts.weight]] AS edges
ORDER BY id

// Users with exactly one interaction: too little to learn a taste from, and nothing to test it with.
// Answers user, item, type, value, at: ms since 1970; newest first.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. The degree of every user.
// :param {limit: 100}
MATCH (user:User)
WHERE COUNT { (user)-[:INTERACTED]->() } = 1
MATCH (user)-[did:INTERACTED]->(item:Item)
RETURN user.id AS user, item.id AS item, did.type AS type, did.value AS value, did.at AS at
ORDER BY at DESC, user
LIMIT $limit;

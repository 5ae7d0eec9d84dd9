// What users do: each type of interaction with its number, users, items, values and times.
// Answers type, interactions, users, items; least, mean and most value; first and last: ms since 1970.
// $limit: INTEGER = 100 (1 to 1000). Most rows.
// Cost: moderate. One pass over the interactions; ids of users and items are held at once.
// :param {limit: 100}
MATCH (user:User)-[did:INTERACTED]->(item:Item)
RETURN did.type AS type, count(*) AS interactions, count(DISTINCT user) AS users, count(DISTINCT item) AS items,
       min(did.value) AS least, avg(did.value) AS mean, max(did.value) AS most, min(did.at) AS first, max(did.at) AS last
ORDER BY interactions DESC, type
LIMIT $limit;

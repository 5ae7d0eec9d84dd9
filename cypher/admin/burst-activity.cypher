// Users who did more in one window of time than a person does by hand: crawlers, imports under one name, attacks.
// Windows begin at multiples of their length. Answers user, from: the window's begin in ms since 1970, interactions, items,
// and share: of all that the user ever did.
// $minutes: INTEGER = 60 (1 to 10080). Length of a window.
// $least: INTEGER = 100 (2 to 10000000). Fewest interactions of a burst.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. One pass over the interactions of users who have enough of them.
// :param {minutes: 60, least: 100, limit: 100}
MATCH (user:User)
WITH user, COUNT { (user)-[:INTERACTED]->() } AS all
WHERE all >= $least
CALL (user) {
  MATCH (user)-[did:INTERACTED]->(item:Item)
  WITH did.at - did.at % ($minutes * 60000) AS from, count(*) AS interactions, count(DISTINCT item) AS items
  WHERE interactions >= $least
  RETURN from, interactions, items
}
RETURN user.id AS user, from, interactions, items, toFloat(interactions) / all AS share
ORDER BY interactions DESC, user, from
LIMIT $limit;

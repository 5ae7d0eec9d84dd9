// How much of the catalogue was recommended, by version: a version that shows everybody the same few items covers little.
// Answers version, impressions, users: who saw any, items: how many different ones were shown, coverage: their share of all items
// that are available, and clicked: share of impressions whose user interacted with the item at or after its time.
// $since: INTEGER = 0 (0 to 8640000000000000). Only impressions from then on; ms since 1970.
// $limit: INTEGER = 100 (1 to 1000). Most rows.
// Cost: heavy. One pass over the impressions, with the interactions between each one's user and item.
// :param {since: 0, limit: 100}
CALL () { MATCH (item:Item) WHERE coalesce(item.available, true) RETURN count(item) AS all }
MATCH (user:User)-[shown:SHOWN]->(item:Item)
WHERE shown.at >= $since
WITH all, shown.version AS version, user, item,
     EXISTS { MATCH (user)-[did:INTERACTED]->(item) WHERE did.at >= shown.at } AS clicked
WITH all, version, count(*) AS impressions, count(DISTINCT user) AS users, count(DISTINCT item) AS items,
     avg(CASE WHEN clicked THEN 1.0 ELSE 0.0 END) AS clicked
RETURN version, impressions, users, items, toFloat(items) / all AS coverage, clicked
ORDER BY impressions DESC, version
LIMIT $limit;

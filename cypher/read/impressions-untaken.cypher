// What a user was shown and has not taken since: what was shown before they last did anything with the item does not count.
// $user: STRING; $since: ms since 1970, from when on; $limit: INTEGER, most items. Answers item: STRING, times: INTEGER, last: ms since
// 1970 of the last time; those shown last first. Cost: one index look-up, the user's impressions, and for each item shown its edges to
// the user.
MATCH (u:User {id: $user})-[shown:SHOWN]->(i:Item)
WHERE shown.at >= $since
WITH u, i, collect(shown.at) AS moments
OPTIONAL MATCH (u)-[did:INTERACTED]->(i)
WITH i, moments, max(did.at) AS taken
UNWIND [at IN moments WHERE taken IS NULL OR at > taken] AS at
WITH i, count(at) AS times, max(at) AS last
RETURN i.id AS item, times, last
ORDER BY last DESC, item
LIMIT toInteger($limit);

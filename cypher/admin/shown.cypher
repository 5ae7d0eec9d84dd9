// Who was shown what: impressions of a user, of an item, or all; newest first.
// Answers user, item, title, at: ms since 1970, position, version, propensity: with which chance the list was drawn, null where that cannot be said, request, and
// taken: whether the user interacted with the item at that time or later.
// $user: STRING = null. Outside id of a user; all where null.
// $item: STRING = null. Outside id of an item; all where null.
// $since: INTEGER = 0 (0 to 8640000000000000). Only from then on; ms since 1970.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. The impressions of the user or item; all of them where neither is named.
// :param {user: null, item: null, since: 0, limit: 100}
MATCH (user:User)-[shown:SHOWN]->(item:Item)
WHERE ($user IS NULL OR user.id = $user) AND ($item IS NULL OR item.id = $item) AND shown.at >= $since
WITH user, shown, item
ORDER BY shown.at DESC, shown.position, user.id
LIMIT $limit
RETURN user.id AS user, item.id AS item, coalesce(item.title, item.id) AS title, shown.at AS at, shown.position AS position,
       shown.version AS version, shown.propensity AS propensity, shown.request AS request,
       EXISTS { MATCH (user)-[did:INTERACTED]->(item) WHERE did.at >= shown.at } AS taken
ORDER BY at DESC, position, user;

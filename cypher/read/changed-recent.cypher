// What users liked since a moment, item by item: what a snapshot of that moment does not know.
// $since: ms since 1970; $marked: ms since 1970 of the server's clock, users marked as changed from then on are looked at; $users:
// INTEGER, most of them, those marked last; $minValue: FLOAT, least value of an interaction that counts as liked;
// $likedFrom: MAP of type to FLOAT, the same where a type has its own; $disliking: LIST<STRING>, types of dislikes, which take back what
// was liked before them; $countsFrom: MAP of type to ms since 1970, before which an interaction of that type has expired; $countsAll:
// BOOLEAN, whether who did anything with an item has chosen it, and not only who liked it.
// Answers item: STRING; people: FLOAT, those who had not chosen it before; lists: LIST<LIST<FLOAT>> of ms since 1970, of each of them
// when they liked it.
// Cost: one look-up in an index, and one pass over the relationships of these users.
MATCH (u:User) WHERE u.changed >= $marked
WITH u ORDER BY u.changed DESC LIMIT toInteger($users)
MATCH (u)-[r:INTERACTED]->(i:Item)
WHERE coalesce(r.at >= $countsFrom[r.type], true)
WITH u, i, toFloat(r.at) AS at, r.type IN $disliking AS isDislike,
     coalesce(toFloat(r.value), 1.0) >= coalesce($likedFrom[r.type], $minValue) AS isLiked
WITH u, i, max(CASE WHEN isDislike THEN at END) AS disliked,
     min(CASE WHEN isLiked OR $countsAll THEN coalesce(at, 0.0) END) AS first,
     collect(CASE WHEN isLiked AND at >= $since THEN at END) AS liked
WHERE first >= $since OR size(liked) > 0
WITH i, first, [at IN liked WHERE disliked IS NULL OR at > disliked] AS moments
WITH i, sum(CASE WHEN first >= $since AND ($countsAll OR size(moments) > 0) THEN 1 ELSE 0 END) AS people, collect(moments) AS lists
RETURN i.id AS item, toFloat(people) AS people, lists;

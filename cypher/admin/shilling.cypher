// Suspected shilling: pairs of users who gave nearly the same values to nearly the same items, all of it within one short span
// that both share, as accounts do that one hand steers. Spans are compared where they begin in the same or in neighbouring windows.
// Answers a and b: users, common: items with the same value, similarity: common / all items of both (Jaccard), from: begin of the
// earlier one in ms since 1970, minutes: until the later one's end, and target: an item that both gave their greatest value.
// $least: INTEGER = 5 (2 to 100000). Fewest items of a profile.
// $similarity: FLOAT = 0.7 (0.1 to 1). Least similarity of two profiles.
// $hours: INTEGER = 24 (1 to 720). Longest span of a profile, and length of a window.
// $most: INTEGER = 500 (2 to 5000). Most users of a window that are compared with each other, those with the fewest items first.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: heavy. For every window the pairs of users in it, times the items of one.
// :param {least: 5, similarity: 0.7, hours: 24, most: 500, limit: 100}
MATCH (user:User)-[did:INTERACTED]->(item:Item)
WITH user, min(did.at) AS from, max(did.at) AS to, count(DISTINCT item) AS items
WHERE items >= $least AND to - from <= $hours * 3600000
WITH user, from, to, items, from / ($hours * 3600000) AS window
ORDER BY items
// Each profile lies in the window that it begins in and in the one before, so that neighbours meet too.
UNWIND [window - 1, window] AS meeting
WITH meeting, collect({user: user, from: from, to: to, items: items, window: window})[..$most] AS profiles
WHERE size(profiles) > 1
UNWIND profiles AS one
UNWIND profiles AS two
// Two of one window meet in both: only in their own. The sizes alone rule most pairs out.
WITH meeting, one, two
WHERE one.user.id < two.user.id AND (one.window = meeting OR two.window = meeting)
  AND NOT (one.window = two.window AND one.window <> meeting)
  AND one.items >= $similarity * two.items AND two.items >= $similarity * one.items
CALL (one, two) {
  WITH one.user AS a, two.user AS b
  MATCH (a)-[mine:INTERACTED]->(item:Item)<-[theirs:INTERACTED]-(b)
  WHERE mine.value = theirs.value
  WITH item, max(mine.value) AS value
  ORDER BY value DESC, item.id
  RETURN count(item) AS common, collect(item.id)[0] AS target
}
WITH one, two, common, target, toFloat(common) / (one.items + two.items - common) AS similarity
WHERE similarity >= $similarity
WITH one, two, common, target, similarity,
     CASE WHEN one.from < two.from THEN one.from ELSE two.from END AS from,
     CASE WHEN one.to > two.to THEN one.to ELSE two.to END AS to
RETURN one.user.id AS a, two.user.id AS b, common, similarity, from, (to - from) / 60000.0 AS minutes, target
ORDER BY similarity DESC, common DESC, a, b
LIMIT $limit;

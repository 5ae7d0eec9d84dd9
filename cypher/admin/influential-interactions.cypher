// Which of a user's items say most of the taste, by the weight that graph convolution gives an edge: 1 / √(degree · degree). What
// few chose says more than what all chose. Answers item, title, type, at: ms since 1970, people: who chose it, weight, and share:
// of the user's weights together.
// $user: STRING. Outside id of a user.
// $limit: INTEGER = 20 (1 to 1000). Most rows.
// Cost: cheap. The degree of each of the user's items.
// :param {user: '1', limit: 20}
MATCH (user:User {id: $user})-[did:INTERACTED]->(item:Item)
WITH user, item, max(did.at) AS at, collect(DISTINCT did.type)[0] AS type
WITH collect({item: item, at: at, type: type, people: COUNT { MATCH (item)<-[:INTERACTED]-(other) RETURN DISTINCT other }}) AS mine
UNWIND mine AS one
WITH mine, one, 1 / sqrt(toFloat(size(mine)) * one.people) AS weight
WITH collect({one: one, weight: weight}) AS weighted, sum(weight) AS all
UNWIND weighted AS each
RETURN each.one.item.id AS item, coalesce(each.one.item.title, each.one.item.id) AS title, each.one.type AS type,
       each.one.at AS at, each.one.people AS people, each.weight AS weight, each.weight / all AS share
ORDER BY weight DESC, item
LIMIT $limit;

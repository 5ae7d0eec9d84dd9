// Items that most people chose, and how much of everything they make up together.
// Answers item, title, people, interactions, share: of all interactions, and cumulated: share of this and all items above it.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. One pass over the interactions.
// :param {limit: 100}
CALL () { MATCH ()-[did:INTERACTED]->() RETURN count(did) AS all }
MATCH (item:Item)<-[did:INTERACTED]-(user:User)
WITH all, item, count(DISTINCT user) AS people, count(did) AS interactions
ORDER BY people DESC, item.id
LIMIT $limit
WITH all, collect({item: item, people: people, interactions: interactions}) AS top
UNWIND range(0, size(top) - 1) AS place
WITH all, top[place] AS one, reduce(sum = 0, before IN top[..place + 1] | sum + before.interactions) AS until
RETURN one.item.id AS item, coalesce(one.item.title, one.item.id) AS title, one.people AS people,
       one.interactions AS interactions, toFloat(one.interactions) / all AS share, toFloat(until) / all AS cumulated
ORDER BY people DESC, item;

// How many interactions users have, as a histogram by powers of two: is there enough to learn from, and for whom?
// Answers least and most: bounds of a class, users in it, interactions that they have together, share: of all interactions.
// $limit: INTEGER = 64 (1 to 64). Most rows.
// Cost: moderate. The degree of every user.
// :param {limit: 64}
MATCH (user:User)
WITH COUNT { (user)-[:INTERACTED]->() } AS degree
WITH CASE degree WHEN 0 THEN -1 ELSE toInteger(floor(log(degree) / log(2) + 1e-9)) END AS class,
     count(*) AS users, sum(degree) AS interactions
WITH collect({class: class, users: users, interactions: interactions}) AS classes, sum(interactions) AS all
UNWIND classes AS one
RETURN CASE one.class WHEN -1 THEN 0 ELSE toInteger(round(2 ^ one.class)) END AS least,
       CASE one.class WHEN -1 THEN 0 ELSE toInteger(round(2 ^ (one.class + 1))) - 1 END AS most,
       one.users AS users, one.interactions AS interactions,
       CASE all WHEN 0 THEN 0.0 ELSE toFloat(one.interactions) / all END AS share
ORDER BY least
LIMIT $limit;

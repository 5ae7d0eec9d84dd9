// Who trusts whom, in one row: ties; trusting and trusted: users; mutual: share of ties that go both ways; mean and most: ties of
// one user; alike: share of ties whose two ends met a common item, without which trust says nothing of taste.
// $limit: INTEGER = 1 (1 to 1). One row.
// Cost: heavy. For every tie the items of the trusting user, until one is found that both met.
// :param {limit: 1}
MATCH (user:User)-[:TRUSTS]->(other:User)
WITH user, other, EXISTS { (other)-[:TRUSTS]->(user) } AS mutual,
     EXISTS { (user)-[:INTERACTED]->(:Item)<-[:INTERACTED]-(other) } AS alike
WITH user, count(*) AS ties, sum(CASE WHEN mutual THEN 1 ELSE 0 END) AS mutual,
     sum(CASE WHEN alike THEN 1 ELSE 0 END) AS alike
WITH count(*) AS trusting, sum(ties) AS ties, max(ties) AS most, sum(mutual) AS mutual, sum(alike) AS alike
CALL () { MATCH (trusted:User)<-[:TRUSTS]-() RETURN count(DISTINCT trusted) AS trusted }
RETURN coalesce(ties, 0) AS ties, trusting, trusted, CASE ties WHEN 0 THEN 0.0 ELSE toFloat(mutual) / ties END AS mutual,
       CASE trusting WHEN 0 THEN 0.0 ELSE toFloat(ties) / trusting END AS mean, coalesce(most, 0) AS most,
       CASE ties WHEN 0 THEN 0.0 ELSE toFloat(alike) / ties END AS alike
LIMIT $limit;

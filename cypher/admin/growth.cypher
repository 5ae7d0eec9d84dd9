// How the graph grew: interactions, and the users who came, in equal spans from the first interaction to the last.
// Answers at: ms since 1970 of a span's beginning, span: its length in ms, interactions in it, users who were active, newcomers:
// those of them whose first interaction it holds. Spans in which nothing happened are left out, and interactions without a time.
// $spans: INTEGER = 60 (2 to 1000). How many spans.
// $limit: INTEGER = 1000 (1 to 1000). Most rows.
// Cost: moderate. Two passes over the interactions.
// :param {spans: 60, limit: 1000}
CALL () {
  MATCH ()-[did:INTERACTED]->()
  WHERE did.at > 0
  RETURN min(did.at) AS first, max(did.at) AS last
}
WITH first, (last - first) / $spans + 1 AS span
MATCH (user:User)-[did:INTERACTED]->()
WHERE did.at > 0
WITH first, span, user, (did.at - first) / span AS place, count(*) AS interactions
WITH first, span, user, collect({place: place, interactions: interactions}) AS spans, min(place) AS came
UNWIND spans AS one
WITH first, span, one.place AS place, sum(one.interactions) AS interactions, count(*) AS users,
     sum(CASE one.place WHEN came THEN 1 ELSE 0 END) AS newcomers
RETURN first + place * span AS at, span, interactions, users, newcomers
ORDER BY at
LIMIT $limit;

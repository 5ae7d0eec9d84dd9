// The lists that were shown last, each with how probable every item was at its place and whether it was taken: as impressions-by-arm.cypher
// counts it.
// $since, $until: ms since 1970, of what was shown; $window: ms; $types: LIST<STRING>, all where it is empty; $limit: INTEGER, most lists.
// Answers user: STRING, at: ms since 1970, isDrawn: BOOLEAN, whether chance had a part;
// items: LIST<LIST [position: INTEGER, item: STRING, draw: FLOAT, isTaken: BOOLEAN]> by position; newest first, then by request.
// Cost: the impressions of that time, by the index of times, and for those of the lists the interactions between user and item.
MATCH (u:User)-[shown:SHOWN]->(i:Item)
WHERE shown.at >= toInteger($since) AND shown.at < toInteger($until)
WITH u, shown.at AS at, shown.request AS request, collect([shown, i]) AS edges
ORDER BY at DESC, request
LIMIT toInteger($limit)
UNWIND edges AS edge
WITH u, at, request, edge[0] AS shown, edge[1] AS i
WITH u, at, request, shown, i, EXISTS {
  MATCH (u)-[did:INTERACTED]->(i)
  WHERE did.at >= at AND did.at < at + toInteger($window) AND (size($types) = 0 OR did.type IN $types)
} AS isTaken
ORDER BY shown.position
WITH u, at, request, collect(shown.draw IS NOT NULL) AS drawn,
     collect([shown.position, i.id, coalesce(toFloat(shown.draw), 1.0), isTaken]) AS items
RETURN u.id AS user, at, any(one IN drawn WHERE one) AS isDrawn, items
ORDER BY at DESC, request;

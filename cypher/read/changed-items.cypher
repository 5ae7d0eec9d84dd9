// Items that were marked as changed from a moment on, with all that a snapshot says of them; features as parallel lists.
// $since: ms since 1970, of the server's clock.
// Cost: one look-up in an index, and one pass over the HAS relationships of these items.
MATCH (i:Item) WHERE i.changed >= $since
WITH i, [(i)-[h:HAS]->(f:Feature) | [f, h]] AS features
RETURN i.id AS id, i.title AS title, toFloat(i.at) AS at, coalesce(i.available, true) AS available,
       [pair IN features | pair[0].kind] AS kinds, [pair IN features | pair[0].value] AS featureValues,
       [pair IN features | coalesce(pair[1].weight, 1)] AS weights

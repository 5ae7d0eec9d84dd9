// Users that were marked as changed from a moment on, with all that a snapshot says of them: parallel lists of equal length for
// their interactions, their features, and whom they trust. $since: ms since 1970, of the server's clock.
// Cost: one look-up in an index, and one pass over the relationships of these users; a row holds one user's.
// Ends that are no items come as null. Relationships come in the same order as in read/interactions, so that of repeated ones the
// same is the last.
MATCH (u:User) WHERE u.changed >= $since
WITH u, [(u)-[r:INTERACTED]->() | r] AS interactions,
     [(u)-[h:HAS]->(f:Feature) | [f, h]] AS features, [(u)-[t:TRUSTS]->(v:User) | [v, t]] AS trust
RETURN u.id AS id,
       [r IN interactions | CASE WHEN endNode(r):Item THEN endNode(r).id END] AS items,
       [r IN interactions | toFloat(r.at)] AS times, [r IN interactions | toFloat(r.value)] AS values,
       [r IN interactions | r.type] AS types, [r IN interactions | r.part] AS parts,
       [r IN interactions | r.context] AS contexts,
       [pair IN features | pair[0].kind] AS kinds, [pair IN features | pair[0].value] AS featureValues,
       [pair IN features | coalesce(pair[1].weight, 1)] AS weights,
       [pair IN trust | pair[0].id] AS trusted, [pair IN trust | coalesce(pair[1].weight, 1)] AS trustWeights

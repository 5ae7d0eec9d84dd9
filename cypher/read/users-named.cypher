// Users by their ids, with their attributes as parallel lists, and their features as lists of [kind, value, weight]; no row for
// whom there is none. $ids: LIST<STRING>. Cost: one index look-up, one node and its HAS relationships an id.
UNWIND $ids AS id
MATCH (user:User {id: id})
WITH user, [key IN keys(user) WHERE key STARTS WITH 'num_' OR key STARTS WITH 'text_' OR key STARTS WITH 'vec_'] AS keys
RETURN user.id AS id, keys, [key IN keys | user[key]] AS values,
       [(user)-[has:HAS]->(feature:Feature) | [feature.kind, feature.value, has.weight]] AS edges

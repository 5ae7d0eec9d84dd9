// Connects users with features, each pair once, and sets the weight. Both exist already. Users are locked first, so that a pair is
// not created twice. $rows: LIST<MAP {id: STRING, keys: LIST<STRING>, weights: LIST<FLOAT>}>, ascending by id.
// Marks the users that it changes. Answers how many pairs were found or made. Cost: one index look-up a feature.
UNWIND $rows AS row
MATCH (node:User {id: row.id})
SET node.locked = true
REMOVE node.locked
WITH collect([node, row]) AS pairs
UNWIND pairs AS pair
WITH pair[0] AS node, pair[1] AS row
UNWIND range(0, size(row.keys) - 1) AS k
MATCH (feature:Feature {key: row.keys[k]})
MERGE (node)-[has:HAS]->(feature)
WITH node, has, row.weights[k] AS weight
FOREACH (_ IN CASE WHEN coalesce(has.weight <> weight, true) THEN [1] ELSE [] END |
  SET has.weight = weight, node.changed = timestamp())
RETURN count(*) AS found

// Removes a feature, and marks the items and users that had it. No row where there is none.
// $key: STRING. Cost: one index look-up, and the feature's relationships, all in one transaction.
MATCH (feature:Feature {key: $key})
OPTIONAL MATCH (node)-[:HAS]->(feature)
WITH feature, collect(node) AS nodes
FOREACH (node IN nodes | SET node.changed = timestamp())
DETACH DELETE feature
RETURN size(nodes) AS nodes

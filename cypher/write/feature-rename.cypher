// Gives a feature another value, and marks the items and users that have it. No row where there is none.
// $key, $newKey, $value: STRING. Cost: one index look-up, and the feature's relationships, all in one transaction.
MATCH (feature:Feature {key: $key})
SET feature.key = $newKey, feature.value = $value
WITH feature
OPTIONAL MATCH (node)-[:HAS]->(feature)
WITH collect(node) AS nodes
FOREACH (node IN nodes | SET node.changed = timestamp())
RETURN size(nodes) AS nodes

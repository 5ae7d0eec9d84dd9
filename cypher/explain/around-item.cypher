// What is around an item: its features, those that few items have first.
// $item: STRING; $limit: INTEGER features. Answers key, kind, value: STRING; items: INTEGER, how many have the feature.
// Cost: the item's features.
MATCH (item:Item {id: $item})-[:HAS]->(feature:Feature)
WITH DISTINCT feature, COUNT { (feature)<-[:HAS]-() } AS items
RETURN feature.key AS key, feature.kind AS kind, feature.value AS value, items
ORDER BY items, key
LIMIT toInteger($limit);

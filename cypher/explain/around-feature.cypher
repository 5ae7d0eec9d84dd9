// What is around a feature: items that have it, those that most people chose first.
// $feature: STRING, its key; $looked: INTEGER (≤ 2,000), how many of its items are looked at, the newest written first;
// $limit: INTEGER items. Answers id, title: STRING; items: INTEGER, how many have the feature. Cost: $looked.
MATCH (feature:Feature)
WHERE feature.key = $feature
MATCH (feature)<-[:HAS]-(item:Item)
WITH DISTINCT feature, item
LIMIT toInteger($looked)
WITH item, COUNT { (feature)<-[:HAS]-() } AS items
RETURN item.id AS id, coalesce(item.title, item.id) AS title, items
ORDER BY COUNT { (item)<-[:INTERACTED]-() } DESC, id
LIMIT toInteger($limit);

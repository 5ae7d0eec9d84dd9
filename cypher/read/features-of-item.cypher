// Features of one item. $item: STRING.
// Answers kind, value: STRING; weight: FLOAT, by the features' keys. Cost: one index look-up and the item's degree.
MATCH (item:Item {id: $item})-[has:HAS]->(feature:Feature)
RETURN feature.kind AS kind, feature.value AS value, coalesce(has.weight, 1.0) AS weight
ORDER BY feature.key;

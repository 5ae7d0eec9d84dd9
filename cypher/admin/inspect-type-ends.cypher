// From nodes of which labels to nodes of which labels some relationships of a type lead, for which `INTERACTED` stands.
// $sample: INTEGER, how many are looked at. Answers from, to: LIST<STRING>; count: INTEGER. Cost: $sample relationships.
MATCH (a)-[r:INTERACTED]->(b)
WITH a, b LIMIT toInteger($sample)
RETURN labels(a) AS `from`, labels(b) AS `to`, count(*) AS count
ORDER BY count DESC

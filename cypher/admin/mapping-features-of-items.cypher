// How many relationships between items and features a mapping gives. $sample: INTEGER, how many are looked at.
// Answers looked: INTEGER; named: INTEGER, those whose feature has a value; values: LIST<STRING>, a few. Cost: $sample relationships.
MATCH (i:Item)-[h:HAS]->(f:Feature)
WITH f LIMIT toInteger($sample)
RETURN count(f) AS looked, count(f.value) AS named, collect(DISTINCT f.value)[..3] AS values

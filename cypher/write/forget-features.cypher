// Removes features that lead to nobody and nothing any more. $keys: LIST<STRING>. Answers how many. Cost: one index look-up a key.
UNWIND $keys AS key
MATCH (feature:Feature {key: key})
WHERE NOT EXISTS { (feature)--() }
DELETE feature
RETURN count(*) AS removed

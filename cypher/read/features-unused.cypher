// Which of some features have no relationship. $keys: LIST<STRING>. Answers unused: LIST<STRING>. Cost: one index look-up a key.
UNWIND $keys AS key
MATCH (feature:Feature {key: key})
WHERE NOT EXISTS { (feature)--() }
RETURN collect(key) AS unused

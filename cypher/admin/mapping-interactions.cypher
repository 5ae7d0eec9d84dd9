// How many interactions some relationships of a mapping give, and when the first and the last of them were.
// $sample: INTEGER, how many are looked at. Answers looked: INTEGER; earliest, latest: ms since 1970, or null; lowest, highest: FLOAT.
// Cost: $sample relationships with both their ends.
MATCH (u:User)-[r:INTERACTED]->(i:Item)
WITH r LIMIT toInteger($sample)
WITH toFloat(r.at) AS at, r.value AS value
RETURN count(*) AS looked, min(at) AS earliest, max(at) AS latest, min(value) AS lowest, max(value) AS highest

// How many ties between users a mapping gives. $sample: INTEGER, how many are looked at.
// Answers looked: INTEGER. Cost: $sample relationships.
MATCH (u:User)-[t:TRUSTS]->(v:User)
WITH t LIMIT toInteger($sample)
RETURN count(t) AS looked

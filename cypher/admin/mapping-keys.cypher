// Whether a key, for which `User` with `id` stands, tells nodes apart: of so many nodes how many have one, and how many are different.
// $sample: INTEGER, how many nodes are looked at. Answers looked, present, distinct: INTEGER. Cost: $sample nodes.
MATCH (n:User)
WITH n LIMIT toInteger($sample)
RETURN count(n) AS looked, count(n.id) AS present, count(DISTINCT n.id) AS distinct

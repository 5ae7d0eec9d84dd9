// How many nodes have a label, for which `User` stands.
// Parameters: none. Answers count: INTEGER. Cost: constant, from the store's own counters.
MATCH (n:User) RETURN count(n) AS count

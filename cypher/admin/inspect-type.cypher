// How many relationships are of a type, for which `INTERACTED` stands.
// Parameters: none. Answers count: INTEGER. Cost: constant, from the store's own counters.
MATCH ()-[r:INTERACTED]->() RETURN count(r) AS count

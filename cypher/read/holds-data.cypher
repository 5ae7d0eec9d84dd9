// Whether the graph holds anything that was brought in: one user's id, or no row.
// No parameters. Cost: one node.
MATCH (u:User)
RETURN u.id AS user
LIMIT 1

// The properties of users that hold attributes: numbers (num_), texts (text_) and vectors (vec_).
// No parameters. Cost: one pass over all users.
MATCH (user:User)
UNWIND keys(user) AS key
WITH DISTINCT key WHERE key STARTS WITH 'num_' OR key STARTS WITH 'text_' OR key STARTS WITH 'vec_'
RETURN key ORDER BY key

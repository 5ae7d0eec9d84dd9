// The properties of items that hold attributes: numbers (num_), texts (text_) and vectors (vec_).
// No parameters. Cost: one pass over all items.
MATCH (item:Item)
UNWIND keys(item) AS key
WITH DISTINCT key WHERE key STARTS WITH 'num_' OR key STARTS WITH 'text_' OR key STARTS WITH 'vec_'
RETURN key ORDER BY key

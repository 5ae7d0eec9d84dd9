// All interactions, for a snapshot: parallel lists of equal length for each user who has any.
// No parameters. Cost: one pass over all INTERACTED relationships; a row holds one user's.
// `user` and `items` are the server's own numbers of nodes, valid only for the transaction that read them.
// All properties of a relationship are read at once, and its end without looking at that node: reading them one by one,
// or grouping rows, takes the server up to twice as long.
MATCH (u:User)
WITH u, [(u)-[r:INTERACTED]->() | r] AS interactions
WHERE size(interactions) > 0
WITH u, interactions, [r IN interactions | properties(r)] AS details
RETURN id(u) AS user,
       [r IN interactions | id(endNode(r))] AS items,
       [p IN details | p.at] AS times,
       [p IN details | p.value] AS values,
       [p IN details | p.type] AS types,
       [p IN details | p.part] AS parts

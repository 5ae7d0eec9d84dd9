// All interactions, for a snapshot: parallel lists of equal length for each user who has any.
// No parameters. Cost: one pass over all INTERACTED relationships; a row holds one user's.
// `user` and `items` are the server's own numbers of nodes, valid only for the transaction that read them.
// All properties of a relationship are read at once, and its end without looking at that node: reading them one by one,
// or grouping rows, takes the server up to twice as long. A list whose values are all the same comes as its first alone:
// most of a snapshot's time is the unpacking of what comes. `contexts`, lists of keys of features, is empty where none has one.
MATCH (u:User)
WITH u, [(u)-[r:INTERACTED]->() | r] AS interactions
WHERE size(interactions) > 0
WITH u, interactions, [r IN interactions | properties(r)] AS details
WITH u, interactions, details, details[0] AS first
RETURN id(u) AS user,
       [r IN interactions | id(endNode(r))] AS items,
       CASE WHEN all(p IN details WHERE p.at = first.at) THEN [first.at] ELSE [p IN details | p.at] END AS times,
       CASE WHEN all(p IN details WHERE p.value = first.value) THEN [first.value] ELSE [p IN details | p.value] END AS values,
       CASE WHEN all(p IN details WHERE p.type = first.type) THEN [first.type] ELSE [p IN details | p.type] END AS types,
       CASE WHEN all(p IN details WHERE p.part = first.part) THEN [first.part] ELSE [p IN details | p.part] END AS parts,
       CASE WHEN any(p IN details WHERE p.context IS NOT NULL) THEN [p IN details | p.context] ELSE [] END AS contexts

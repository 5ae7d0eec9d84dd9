// One reader's users with all their interactions, for a snapshot: parallel lists of equal length for each user.
// $lanes, $lane: whole numbers: of so many readers, which this one is; it gets the nodes whose number leaves that remainder.
// Cost: one pass over the INTERACTED relationships of those users; a row holds one user's.
// `node` and `items` are the server's own numbers of nodes, valid only for the transaction that read them.
// All properties of a relationship are read at once, and its end without looking at that node: reading them one by one,
// or grouping rows, takes the server up to twice as long. Most of the reader's time is unpacking, so as little as possible
// comes: a list whose values are all the same comes as its first alone (`plain`: all of them but the parts, found in one
// pass); parts, which change seldom, come as where each run of one begins; `contexts`, lists of keys of features, is empty
// where none has one; what comes for every interaction comes as floats, since the driver makes an object of each integer.
// Kinds: details:INTERACTED, d:INTERACTED, first:INTERACTED.
MATCH (u:User) WHERE id(u) % $lanes = $lane
WITH u, [(u)-[r:INTERACTED]->() | r] AS interactions
WITH u, interactions, [r IN interactions | properties(r)] AS details
WITH u, interactions, details, details[0] AS first
WITH u, interactions, details, first,
     all(d IN details WHERE d.at = first.at AND d.value = first.value AND d.type = first.type AND d.context IS NULL) AS plain,
     [0] + [i IN range(1, size(details) - 1)
            WHERE coalesce(details[i].part <> details[i - 1].part,
                           details[i].part IS NOT NULL OR details[i - 1].part IS NOT NULL)] AS partStarts
RETURN id(u) AS node, u.id AS id,
       [r IN interactions | toFloat(id(endNode(r)))] AS items,
       CASE WHEN plain OR all(d IN details WHERE d.at = first.at) THEN [first.at] ELSE [d IN details | toFloat(d.at)] END AS times,
       CASE WHEN plain OR all(d IN details WHERE d.value = first.value) THEN [first.value] ELSE [d IN details | d.value] END AS values,
       CASE WHEN plain OR all(d IN details WHERE d.type = first.type) THEN [first.type] ELSE [d IN details | d.type] END AS types,
       partStarts, [i IN partStarts | details[i].part] AS parts,
       CASE WHEN NOT plain AND any(d IN details WHERE d.context IS NOT NULL) THEN [d IN details | d.context] ELSE [] END AS contexts

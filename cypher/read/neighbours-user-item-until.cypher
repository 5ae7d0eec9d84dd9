// Items that users interacted with up to a moment or of some parts, sampled at random: for each node no more than the fan-out, each neighbour once however often they met.
// $nodes: LIST<INTEGER>, the server's own numbers of nodes; $untils: LIST<INTEGER>, ms since 1970, nothing later counts for the node at the
// same place, or NULL; $without: LIST<STRING>, parts of a given split that do not count, or NULL; $fanout: INTEGER;
// $replace: BOOLEAN, whether a neighbour may be drawn more than once. Cost: the degrees of the nodes.
// Answers parallel lists: `places` in $nodes of those that have neighbours, and the `neighbours` of each.
// Without repetition: Floyd's algorithm F2 (CACM 30, 1987); the inner list of one gives its draw a name, so that it is drawn once.
// All answers come in one row: a row for each node takes the server half as long again.
// Kinds: v:Item, whose label is not looked at for speed.
UNWIND range(0, size($nodes) - 1) AS place
WITH place, $nodes[place] AS node, $untils[place] AS until
MATCH (u) WHERE id(u) = node
WITH place, toInteger($fanout) AS fanout, COLLECT {
  MATCH (u)-[r:INTERACTED]->(v)
  WHERE (until IS NULL OR coalesce(r.at, 0) <= until) AND ($without IS NULL OR NOT coalesce(r.part, 'none') IN $without)
  RETURN DISTINCT id(v)
} AS found
WITH place, fanout, found, size(found) AS n
WHERE n > 0
RETURN collect(place) AS places,
       collect(CASE
         WHEN $replace THEN [j IN range(1, fanout) | found[toInteger(rand() * n)]]
         WHEN n <= fanout THEN found
         ELSE [at IN reduce(picked = [], last IN range(n - fanout, n - 1) |
                picked + [drawn IN [toInteger(rand() * (last + 1))] | CASE WHEN drawn IN picked THEN last ELSE drawn END]) | found[at]]
       END) AS neighbours

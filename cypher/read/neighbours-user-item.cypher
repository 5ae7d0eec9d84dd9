// Items that users interacted with, sampled at random: for each node no more than the fan-out, each pair once, however often they met.
// $nodes: LIST<INTEGER>, the server's own numbers of nodes; $untils: LIST<INTEGER> (ms since 1970, nothing later counts) or NULL; $fanout: INTEGER;
// $replace: BOOLEAN, whether a neighbour may come more than once. Cost: the degrees of the nodes.
// Answers a row for each node that has neighbours: its place in $nodes, and their numbers.
// Without repetition: Floyd's algorithm F2 (CACM 30, 1987); the inner list of one gives its draw a name, so that it is drawn once.
UNWIND range(0, size($nodes) - 1) AS place
WITH place, $nodes[place] AS node, toInteger($fanout) AS fanout, $untils[place] AS until
MATCH (u:User) WHERE id(u) = node
WITH place, fanout, COLLECT {
  MATCH (u)-[r:INTERACTED]->(v:Item)
  WHERE until IS NULL OR coalesce(r.at, 0) <= until
  RETURN DISTINCT id(v)
} AS found
WITH place, fanout, found, size(found) AS n
WHERE n > 0
RETURN place,
       CASE
         WHEN $replace THEN [j IN range(1, fanout) | found[toInteger(rand() * n)]]
         WHEN n <= fanout THEN found
         ELSE [at IN reduce(picked = [], last IN range(n - fanout, n - 1) |
                picked + [drawn IN [toInteger(rand() * (last + 1))] | CASE WHEN drawn IN picked THEN last ELSE drawn END]) | found[at]]
       END AS neighbours

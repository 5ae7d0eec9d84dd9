// Users who interacted with items, the latest first: for each node no more than the fan-out, by the first time that the two met.
// $nodes: LIST<INTEGER>, the server's own numbers of nodes; $untils: LIST<INTEGER>, ms since 1970, nothing later counts for the node at the
// same place, or NULL; $without: LIST<STRING>, parts of a given split that do not count, or NULL; $fanout: INTEGER.
// Cost: the degrees of the nodes, and a sort of each node's neighbours.
// Answers parallel lists: `places` in $nodes of those that have neighbours, and the `neighbours` of each.
// Kinds: v:User, whose label is not looked at for speed.
UNWIND range(0, size($nodes) - 1) AS place
WITH place, $nodes[place] AS node, $untils[place] AS until
MATCH (u) WHERE id(u) = node
WITH place, COLLECT {
  MATCH (u)<-[r:INTERACTED]-(v)
  WHERE $without IS NULL OR NOT coalesce(r.part, 'none') IN $without
  WITH v, min(coalesce(r.at, 0)) AS met
  WHERE until IS NULL OR met <= until
  WITH v, met
  ORDER BY met DESC, v.id DESC
  LIMIT toInteger($fanout)
  RETURN id(v)
} AS neighbours
WHERE size(neighbours) > 0
RETURN collect(place) AS places, collect(neighbours) AS neighbours

// How much is known of items and users: for each kind of feature, how many of its values there are and how many nodes have one.
// Answers node: 'item' or 'user', kind, values: features of that kind in use, nodes that have one, coverage: their share of all
// such nodes, and mean: features of the kind for each node that has one.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. One pass over the HAS relationships.
// :param {limit: 100}
CALL () {
  CALL () { MATCH (every:Item) RETURN count(every) AS all }
  MATCH (node:Item)-[:HAS]->(feature:Feature)
  RETURN 'item' AS node, feature.kind AS kind, count(DISTINCT feature) AS values, count(DISTINCT node) AS nodes,
         count(*) AS ties, all
  UNION ALL
  CALL () { MATCH (every:User) RETURN count(every) AS all }
  MATCH (node:User)-[:HAS]->(feature:Feature)
  RETURN 'user' AS node, feature.kind AS kind, count(DISTINCT feature) AS values, count(DISTINCT node) AS nodes,
         count(*) AS ties, all
}
RETURN node, kind, values, nodes, toFloat(nodes) / all AS coverage, toFloat(ties) / nodes AS mean
ORDER BY node, coverage DESC, kind
LIMIT $limit;

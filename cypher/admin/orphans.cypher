// Nodes that nothing is known of: users who never interacted, items that nobody met, features that nothing has.
// Answers kind, id, title, and tied: whether anything else hangs on the node (features, trust).
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. One look at the degree of every node, until the limit is reached.
// :param {limit: 100}
CALL () {
  MATCH (user:User)
  WHERE NOT EXISTS { (user)-[:INTERACTED]->() }
  RETURN 'user' AS kind, user.id AS id, user.id AS title, EXISTS { (user)--() } AS tied
  UNION ALL
  MATCH (item:Item)
  WHERE NOT EXISTS { (item)<-[:INTERACTED]-() }
  RETURN 'item' AS kind, item.id AS id, coalesce(item.title, item.id) AS title, EXISTS { (item)--() } AS tied
  UNION ALL
  MATCH (feature:Feature)
  WHERE NOT EXISTS { (feature)--() }
  RETURN 'feature' AS kind, feature.key AS id, feature.value AS title, false AS tied
}
RETURN kind, id, title, tied
LIMIT $limit;

// Every way in which the graph leads from a user to an item: through people who share an item, through a common feature, through
// someone trusted. Answers kind, through: the item or feature in between, title, and count: people, or the user's items.
// $user: STRING. Outside id of a user.
// $item: STRING. Outside id of an item.
// $limit: INTEGER = 20 (1 to 1000). Most rows.
// Cost: moderate. The user's items times the people of each, the item's features times who has them.
// :param {user: '1', item: '300', limit: 20}
MATCH (user:User {id: $user}), (item:Item {id: $item})
CALL (user, item) {
  MATCH (user)-[:INTERACTED]->(shared:Item)<-[:INTERACTED]-(other:User)-[:INTERACTED]->(item)
  WHERE shared <> item AND other <> user
  RETURN 'people' AS kind, shared.id AS through, coalesce(shared.title, shared.id) AS title, count(DISTINCT other) AS count
  UNION ALL
  MATCH (item)-[:HAS]->(feature:Feature)<-[:HAS]-(mine:Item)<-[:INTERACTED]-(user)
  WHERE mine <> item
  RETURN 'feature' AS kind, feature.key AS through, feature.kind + ': ' + toString(feature.value) AS title,
         count(DISTINCT mine) AS count
  UNION ALL
  MATCH (user)-[:TRUSTS]->(trusted:User)-[:INTERACTED]->(item)
  WITH count(DISTINCT trusted) AS count
  WHERE count > 0
  RETURN 'trust' AS kind, null AS through, 'people you trust' AS title, count
}
RETURN kind, through, title, count
ORDER BY count DESC, kind, through
LIMIT $limit;

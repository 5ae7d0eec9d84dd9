// Nodes that changed after the published version's snapshot: their vectors, where they have any, know nothing of it. A node's
// change is its mark `changed`, and for users without one the newest interaction's time.
// Answers kind, id, changed: ms since 1970, behind: seconds after the snapshot, and vector: whether it has one; latest first.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. One pass over users and items; the interactions of users without a mark.
// :param {limit: 100}
MATCH (version:Version)-[:PUBLISHED_AS]->(slot:Slot {current: true})
MATCH (version)-[:TRAINED_ON]->(snapshot:Snapshot)
CALL (snapshot) {
  MATCH (user:User)
  WITH snapshot, user, coalesce(user.changed, COLLECT { MATCH (user)-[did:INTERACTED]->() RETURN max(did.at) }[0]) AS changed
  WHERE changed > snapshot.asOf
  RETURN 'user' AS kind, user AS node, changed
  UNION ALL
  MATCH (item:Item)
  WHERE coalesce(item.changed, item.at) > snapshot.asOf
  RETURN 'item' AS kind, item AS node, coalesce(item.changed, item.at) AS changed
}
RETURN kind, node.id AS id, changed, (changed - snapshot.asOf) / 1000.0 AS behind, node[slot.name] IS NOT NULL AS vector
ORDER BY changed DESC, kind, id
LIMIT $limit;

// How much of the graph the published version can rank: users and items that have a vector in the current slot.
// Answers kind, version, slot, nodes, vectors: how many have one, coverage: their share, and active: share among those with at
// least one interaction. No row where no version with vectors is published.
// $limit: INTEGER = 2 (1 to 2). Most rows.
// Cost: moderate. One look at every user and item.
// :param {limit: 2}
MATCH (version:Version)-[:PUBLISHED_AS]->(slot:Slot {current: true})
CALL (slot) {
  MATCH (user:User)
  WITH user[slot.name] IS NOT NULL AS has, EXISTS { (user)-[:INTERACTED]->() } AS active
  RETURN 'user' AS kind, count(*) AS nodes, sum(CASE WHEN has THEN 1 ELSE 0 END) AS vectors,
         sum(CASE WHEN active THEN 1 ELSE 0 END) AS actives, sum(CASE WHEN has AND active THEN 1 ELSE 0 END) AS activeWith
  UNION ALL
  MATCH (item:Item)
  WITH item[slot.name] IS NOT NULL AS has, EXISTS { (item)<-[:INTERACTED]-() } AS active
  RETURN 'item' AS kind, count(*) AS nodes, sum(CASE WHEN has THEN 1 ELSE 0 END) AS vectors,
         sum(CASE WHEN active THEN 1 ELSE 0 END) AS actives, sum(CASE WHEN has AND active THEN 1 ELSE 0 END) AS activeWith
}
RETURN kind, version.id AS version, slot.name AS slot, nodes, vectors,
       CASE nodes WHEN 0 THEN 0.0 ELSE toFloat(vectors) / nodes END AS coverage,
       CASE actives WHEN 0 THEN 0.0 ELSE toFloat(activeWith) / actives END AS active
LIMIT $limit;

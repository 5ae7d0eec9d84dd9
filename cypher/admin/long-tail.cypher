// How unequally interactions fall on items. One row: items, interactions; gini: 0 where all items have as many, towards 1 where
// one has all; headItems and headShare: the most chosen $head of items, and the share of interactions on them; halfItems: how
// many items have half of all; untouched: items that nobody met; median: interactions of the middle item, the lower of two.
// $head: FLOAT = 0.1 (0.001 to 1). Share of items that counts as the head.
// $limit: INTEGER = 1 (1 to 1). One row.
// Cost: moderate. The degree of every item, held at once: 8 bytes an item.
// :param {head: 0.1, limit: 1}
MATCH (item:Item)
WITH COUNT { (item)<-[:INTERACTED]-() } AS degree
ORDER BY degree
WITH collect(degree) AS degrees, sum(degree) AS all, count(*) AS items
CALL (degrees) {
  UNWIND range(0, size(degrees) - 1) AS place
  RETURN sum((place + 1) * degrees[place]) AS weighted
}
WITH degrees, all, items, weighted, toInteger(ceil($head * items)) AS headItems
CALL (degrees, items, headItems) {
  UNWIND degrees[items - headItems..] AS degree
  RETURN sum(degree) AS head
}
CALL (degrees, all, items) {
  WITH reduce(state = [0, 0], back IN range(1, items) |
    CASE WHEN 2 * state[1] < all THEN [state[0] + 1, state[1] + degrees[items - back]] ELSE state END) AS state
  RETURN state[0] AS halfItems
}
RETURN items, all AS interactions,
       CASE WHEN all = 0 THEN 0.0 ELSE 2.0 * weighted / (toFloat(items) * all) - (items + 1.0) / items END AS gini,
       headItems, CASE WHEN all = 0 THEN 0.0 ELSE toFloat(head) / all END AS headShare, halfItems,
       size([degree IN degrees WHERE degree = 0]) AS untouched, degrees[(items - 1) / 2] AS median
LIMIT $limit;

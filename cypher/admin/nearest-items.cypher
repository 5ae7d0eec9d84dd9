// Items nearest to an item by the cosine of their published vectors: exact, over every item that has one.
// Answers item, title, cosine, and people: how many chose both.
// $item: STRING. Outside id of an item.
// $limit: INTEGER = 10 (1 to 1000). Most rows.
// Cost: moderate. One product for every item.
// :param {item: '50', limit: 10}
MATCH (:Version)-[:PUBLISHED_AS]->(slot:Slot {current: true})
MATCH (item:Item {id: $item})
WITH item, slot.name AS slot, item[slot.name] AS vector
MATCH (other:Item)
WHERE other <> item AND size(other[slot]) = size(vector)
// The server's cosine lies between 0 and 1.
WITH item, other, 2 * vector.similarity.cosine(vector, other[slot]) - 1 AS cosine
ORDER BY cosine DESC, other.id
LIMIT $limit
RETURN other.id AS item, coalesce(other.title, other.id) AS title, cosine,
       COUNT { MATCH (item)<-[:INTERACTED]-(user)-[:INTERACTED]->(other) RETURN DISTINCT user } AS people
ORDER BY cosine DESC, item;

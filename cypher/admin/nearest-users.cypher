// Users whose taste is nearest to a user's, by the cosine of their published vectors: exact, over every user who has one.
// Answers user, cosine, common: items that both met, and items: how many the other met.
// $user: STRING. Outside id of a user.
// $limit: INTEGER = 10 (1 to 1000). Most rows.
// Cost: moderate. One product for every user.
// :param {user: '1', limit: 10}
MATCH (:Version)-[:PUBLISHED_AS]->(slot:Slot {current: true})
MATCH (user:User {id: $user})
WITH user, slot.name AS slot, user[slot.name] AS vector
MATCH (other:User)
WHERE other <> user AND size(other[slot]) = size(vector)
// The server's cosine lies between 0 and 1.
WITH user, other, 2 * vector.similarity.cosine(vector, other[slot]) - 1 AS cosine
ORDER BY cosine DESC, other.id
LIMIT $limit
RETURN other.id AS user, cosine,
       COUNT { MATCH (user)-[:INTERACTED]->(item)<-[:INTERACTED]-(other) RETURN DISTINCT item } AS common,
       COUNT { MATCH (other)-[:INTERACTED]->(item) RETURN DISTINCT item } AS items
ORDER BY cosine DESC, user;

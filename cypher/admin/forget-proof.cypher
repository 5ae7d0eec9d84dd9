// What is left of a user: every count is 0 after they were forgotten, but that of tombstones, which is 1.
// $user: STRING, the outside id; $key: STRING, hexadecimal SHA-256 of 'user', a line feed and the id ('' where it is not at hand).
// Cost: one index look-up, the user's relationships, one pass over the tombstones.
OPTIONAL MATCH (user:User {id: $user})
RETURN count(user) AS nodes,
       sum(COUNT { (user)-[:INTERACTED]->() }) AS interactions,
       sum(COUNT { (user)-[:SHOWN]->() }) AS impressions,
       sum(COUNT { (user)-[:TRUSTS]->() }) AS trust,
       sum(COUNT { (user)<-[:TRUSTS]-() }) AS trustOfOthers,
       sum(COUNT { (user)-[:HAS]->() }) AS features,
       sum(COUNT { (user)--() }) AS relationships,
       sum(size([vector IN [user.vectorA, user.vectorB] WHERE vector IS NOT NULL])) AS vectors,
       COUNT { (:Removed {kind: 'user', key: $key}) } AS tombstones

// Notes who trusts whom, each pair once, and sets the weight. The users exist already.
// $rows: LIST<MAP {user: STRING, trusted: LIST<STRING>, weights: LIST<FLOAT>}>, ascending by user.
// Marks the users whose ties it changes. Answers how many ties were found or made. Cost: one index look-up a tie.
UNWIND $rows AS row
MATCH (user:User {id: row.user})
UNWIND range(0, size(row.trusted) - 1) AS k
MATCH (trusted:User {id: row.trusted[k]})
MERGE (user)-[trusts:TRUSTS]->(trusted)
WITH user, trusts, row.weights[k] AS weight
FOREACH (_ IN CASE WHEN coalesce(trusts.weight <> weight, true) THEN [1] ELSE [] END |
  SET trusts.weight = weight, user.changed = timestamp())
RETURN count(*) AS found

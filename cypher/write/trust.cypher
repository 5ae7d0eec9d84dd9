// Notes who trusts whom, each pair once, and sets the weight. The users exist already.
// $rows: LIST<MAP {user: STRING, trusted: LIST<STRING>, weights: LIST<FLOAT>}>, ascending by user.
// Answers how many ties were found or made. Cost: one index look-up a tie.
UNWIND $rows AS row
MATCH (user:User {id: row.user})
UNWIND range(0, size(row.trusted) - 1) AS k
MATCH (trusted:User {id: row.trusted[k]})
MERGE (user)-[trusts:TRUSTS]->(trusted)
SET trusts.weight = row.weights[k]
RETURN count(*) AS found

// Says of the versions that were trained on a snapshot that it is now another: the same without some users. Again changes nothing.
// $from, $to: STRING, digests; $users, $features, $interactions: INTEGER, counts of the new one. Cost: the snapshot's versions.
MATCH (old:Snapshot {digest: $from})
OPTIONAL MATCH (same:Snapshot {digest: $to})
FOREACH (snapshot IN CASE WHEN same IS NULL THEN [old] ELSE [] END |
  SET snapshot.digest = $to, snapshot.users = toInteger($users), snapshot.features = toInteger($features),
      snapshot.interactions = toInteger($interactions))
WITH old, same
WHERE same IS NOT NULL
CALL {
  WITH old, same
  MATCH (version:Version)-[:TRAINED_ON]->(old)
  MERGE (version)-[:TRAINED_ON]->(same)
}
DETACH DELETE old

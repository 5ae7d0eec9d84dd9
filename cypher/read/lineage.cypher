// Where published versions come from: the snapshot each was trained on, which version it followed and was followed by, what its
// vectors' slot is, and every property. $version: STRING, or null for all, newest first; $limit: INTEGER.
// Answers version, snapshot: MAP of properties; slots: LIST<MAP {slot, current}>; follows, followedBy: LIST<MAP {version, at}>;
// siblings: LIST<STRING>, the other versions of the same snapshot (≤ 100). Cost: the versions and their ties.
MATCH (version:Version)
WHERE $version IS NULL OR version.id = $version
WITH version
ORDER BY version.at DESC, version.id
LIMIT toInteger($limit)
OPTIONAL MATCH (version)-[:TRAINED_ON]->(snapshot:Snapshot)
RETURN properties(version) AS version, properties(snapshot) AS snapshot,
       [(version)-[:PUBLISHED_AS]->(slot:Slot) | {slot: slot.name, current: coalesce(slot.current, false)}] AS slots,
       [(version)-[follows:FOLLOWS]->(before:Version) | {version: before.id, at: follows.at}] AS follows,
       [(later:Version)-[follows:FOLLOWS]->(version) | {version: later.id, at: follows.at}] AS followedBy,
       [(snapshot)<-[:TRAINED_ON]-(other:Version) WHERE other <> version | other.id][..100] AS siblings
ORDER BY version.at DESC, version.id;

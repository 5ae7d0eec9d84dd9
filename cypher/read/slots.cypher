// Which version's vectors lie in which slot, and which slot is current: vectors are read from that property of User and Item.
// Answers slot, version: STRING; current: BOOLEAN; digest: STRING, of the snapshot. Cost: two nodes.
MATCH (slot:Slot)<-[:PUBLISHED_AS]-(version:Version)-[:TRAINED_ON]->(snapshot:Snapshot)
RETURN slot.name AS slot, version.id AS version, slot.current AS current, snapshot.digest AS digest
ORDER BY slot;

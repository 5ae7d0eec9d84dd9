// Adds nodes that were created in this transaction to an ingest's counters.
// $id: STRING; $users, $items, $features: INTEGER. Cost: one node.
MATCH (ingest:Ingest {id: $id})
SET ingest.usersCreated = ingest.usersCreated + toInteger($users),
    ingest.itemsCreated = ingest.itemsCreated + toInteger($items),
    ingest.featuresCreated = ingest.featuresCreated + toInteger($features)

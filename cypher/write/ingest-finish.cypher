// Notes that an ingest has read its source to the end, and sums up what its runs did. $id, $run: STRING; $finishedAt: ms since 1970.
// No row where another run has taken over. Cost: one node and its lanes.
MATCH (ingest:Ingest {id: $id, run: $run})
SET ingest.finished = true, ingest.finishedAt = toInteger($finishedAt)
WITH ingest
MATCH (lane:IngestLane {ingest: $id})
RETURN ingest.usersCreated AS usersCreated, ingest.itemsCreated AS itemsCreated, ingest.featuresCreated AS featuresCreated,
       sum(lane.interactionsRead) AS interactionsRead, sum(lane.interactionsCreated) AS interactionsCreated,
       sum(lane.interactionsRepeated) AS interactionsRepeated,
       sum(lane.featureEdgesRead) AS featureEdgesRead, sum(lane.featureEdgesCreated) AS featureEdgesCreated,
       sum(lane.trustRead) AS trustRead, sum(lane.trustCreated) AS trustCreated, sum(lane.trustRepeated) AS trustRepeated

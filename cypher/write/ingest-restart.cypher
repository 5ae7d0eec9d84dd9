// Starts an ingest from the beginning: a new run, lanes that have done nothing, counters at zero.
// $id, $run, $source, $format, $layout: STRING; $digests: LIST<STRING>; $startedAt: ms since 1970
// $lanes: LIST<STRING>, ids of the lanes; $resume: STRING, the first place. Cost: one node and its lanes.
MATCH (ingest:Ingest {id: $id})
SET ingest = {id: $id, run: $run, source: $source, format: $format, layout: $layout, digests: $digests,
              startedAt: toInteger($startedAt), finished: false,
              usersCreated: 0, itemsCreated: 0, featuresCreated: 0}
WITH ingest
CALL { WITH ingest MATCH (old:IngestLane {ingest: ingest.id}) DELETE old }
UNWIND $lanes AS laneId
CREATE (:IngestLane {id: laneId, ingest: $id, run: $run, file: 0, end: 0, part: 0, resume: $resume,
                     interactionsRead: 0, interactionsCreated: 0, interactionsRepeated: 0,
                     featureEdgesRead: 0, featureEdgesCreated: 0, trustRead: 0, trustCreated: 0, trustRepeated: 0})

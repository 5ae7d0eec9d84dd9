// Takes hold of the record of one ingest and answers what is known of it: has it run, how far, on which content.
// $id: STRING. The first SET takes the node's lock, so that two processes begin one after the other.
// Cost: one node and its lanes.
MERGE (ingest:Ingest {id: $id})
SET ingest.locked = true
REMOVE ingest.locked
WITH ingest
OPTIONAL MATCH (lane:IngestLane {ingest: $id})
WITH ingest, lane ORDER BY lane.id
RETURN ingest.run AS run, ingest.finished AS finished, ingest.layout AS layout, ingest.digests AS digests,
       collect(lane {.id, .file, .end, .part, .resume}) AS lanes

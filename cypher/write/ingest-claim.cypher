// Whether a lane has yet to write a batch; takes the lane's lock, so that nobody else writes it at the same time.
// No row where the batch is written already (a commit whose answer was lost) or another run has taken over.
// $lane, $run: STRING; $file, $end, $part: INTEGER, where the batch ends. Cost: one node.
MATCH (lane:IngestLane {id: $lane})
SET lane.locked = true
REMOVE lane.locked
WITH lane
WHERE lane.run = $run
  AND (lane.file < $file OR (lane.file = $file AND (lane.end < $end OR (lane.end = $end AND lane.part < $part))))
RETURN true AS claimed

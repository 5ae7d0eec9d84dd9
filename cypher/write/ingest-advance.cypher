// Notes, in the transaction that wrote a batch, that it is written, and what it did.
// $lane, $resume: STRING; $file, $end, $part: INTEGER; $counts: MAP of counter to INTEGER. Cost: one node.
MATCH (lane:IngestLane {id: $lane})
SET lane.file = toInteger($file), lane.end = toInteger($end), lane.part = toInteger($part), lane.resume = $resume,
    lane.interactionsRead = lane.interactionsRead + toInteger($counts.interactionsRead),
    lane.interactionsCreated = lane.interactionsCreated + toInteger($counts.interactionsCreated),
    lane.interactionsRepeated = lane.interactionsRepeated + toInteger($counts.interactionsRepeated),
    lane.featureEdgesRead = lane.featureEdgesRead + toInteger($counts.featureEdgesRead),
    lane.featureEdgesCreated = lane.featureEdgesCreated + toInteger($counts.featureEdgesCreated),
    lane.trustRead = lane.trustRead + toInteger($counts.trustRead),
    lane.trustCreated = lane.trustCreated + toInteger($counts.trustCreated),
    lane.trustRepeated = lane.trustRepeated + toInteger($counts.trustRepeated)

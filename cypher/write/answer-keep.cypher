// Keeps what was answered to the request that holds a key.
// $key, $claim, $body: STRING; $status: whole number; $etag: STRING or null. Cost: one index look-up and one node.
MATCH (answer:Answer {key: $key}) WHERE answer.claim = $claim
SET answer.status = $status, answer.body = $body, answer.etag = $etag

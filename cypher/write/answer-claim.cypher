// Claims a key for a request, or says who has it and what was answered. A claim that nothing came of is taken over by the same request,
// which keeps the time at which it came first.
// $key, $fingerprint, $claim: STRING; $now: ms since 1970; $stale: ms since 1970, before which a claim without an answer is given up.
// Cost: one index look-up and one node.
MERGE (answer:Answer {key: $key})
ON CREATE SET answer.fingerprint = $fingerprint, answer.claim = $claim, answer.at = $now, answer.since = $now
SET answer.locked = true
REMOVE answer.locked
WITH answer, answer.status IS NULL AND answer.at < $stale AND answer.fingerprint = $fingerprint AS isGivenUp
FOREACH (_ IN CASE WHEN isGivenUp THEN [1] ELSE [] END |
  SET answer.claim = $claim, answer.since = coalesce(answer.since, answer.at), answer.at = $now)
RETURN answer.claim AS claim, answer.fingerprint AS fingerprint, toFloat(answer.at) AS at, toFloat(answer.since) AS since,
  toFloat(answer.status) AS status, answer.body AS body, answer.etag AS etag

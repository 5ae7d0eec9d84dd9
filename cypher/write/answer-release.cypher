// Gives a key back: nothing came of the request that held it. $key, $claim: STRING. Cost: one index look-up and one node.
MATCH (answer:Answer {key: $key}) WHERE answer.claim = $claim
DELETE answer

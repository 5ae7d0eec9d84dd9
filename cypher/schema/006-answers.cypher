// Answers to writes that came with an Idempotency-Key, by the hash of who asked and the key: the same request gets the same answer,
// from whichever process. A day later they are removed. An answer holds counts and nothing of anybody.
// Parameters: none. Cost: nothing; there are no such nodes yet.
CREATE CONSTRAINT answer_key IF NOT EXISTS FOR (n:Answer) REQUIRE n.key IS UNIQUE;
CREATE INDEX answer_at IF NOT EXISTS FOR (n:Answer) ON (n.at);

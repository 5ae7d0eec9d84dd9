// The note of a user who is being forgotten, by the tombstone's key: one at most, which a second try goes on from.
// Parameters: none. Cost: nothing; there are no such notes yet.
CREATE CONSTRAINT forgetting_key IF NOT EXISTS FOR (n:Forgetting) REQUIRE n.key IS UNIQUE;

// Who was shown what, found by request and by time: a request's impressions are written once, and old ones removed without a pass over
// all. A lock is a node that only one transaction at a time holds. The vector indexes of the two slots are made when a version is
// published, since their width is the version's.
// Parameters: none. Cost: nothing on an empty graph, else one pass over the impressions.
CREATE CONSTRAINT lock_name IF NOT EXISTS FOR (n:Lock) REQUIRE n.name IS UNIQUE;
CREATE INDEX shown_request IF NOT EXISTS FOR ()-[shown:SHOWN]-() ON (shown.request);
CREATE INDEX shown_at IF NOT EXISTS FOR ()-[shown:SHOWN]-() ON (shown.at);

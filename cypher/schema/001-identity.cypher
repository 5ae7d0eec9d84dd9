// What makes a node the one it is: outside ids, unique. Each constraint brings the index that look-ups and MERGE go by.
// Parameters: none. Cost: nothing on an empty graph, else one pass over the nodes of each label.
CREATE CONSTRAINT user_id IF NOT EXISTS FOR (n:User) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT item_id IF NOT EXISTS FOR (n:Item) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT feature_key IF NOT EXISTS FOR (n:Feature) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT ingest_id IF NOT EXISTS FOR (n:Ingest) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT snapshot_digest IF NOT EXISTS FOR (n:Snapshot) REQUIRE n.digest IS UNIQUE;
CREATE CONSTRAINT version_id IF NOT EXISTS FOR (n:Version) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT slot_name IF NOT EXISTS FOR (n:Slot) REQUIRE n.name IS UNIQUE;

// What finds changes without a look at all the rest. Every write of this program sets `changed` (the server's timestamp(), ms) on
// users whose interactions, features or trust it changes, and on items whose description or features it changes, and on both where it
// creates them. An interaction is its user's: to mark its item too would make all who write about a popular item wait for each other.
// Whoever removes a node leaves (:Removed {kind: 'user'|'item', key, at}), whose key is the SHA-256 of kind, line feed and id, so that
// it names nobody; it stands for the edges that went with the node.
// Parameters: none. Cost: nothing on an empty graph, else one pass over the nodes of each label.
CREATE RANGE INDEX user_changed IF NOT EXISTS FOR (n:User) ON (n.changed);
CREATE RANGE INDEX item_changed IF NOT EXISTS FOR (n:Item) ON (n.changed);
CREATE RANGE INDEX removed_at IF NOT EXISTS FOR (n:Removed) ON (n.at);

// Items by their time, so that those that came last are found without a look at all the rest.
// Parameters: none. Cost: nothing on an empty graph, else one pass over the items.
CREATE RANGE INDEX item_at IF NOT EXISTS FOR (n:Item) ON (n.at);

// What people look for by words of theirs: titles of items and values of features. Ids are found by the indexes that keep them unique.
// Parameters: none. Cost: nothing on an empty graph, else one pass over the titles and values.
CREATE FULLTEXT INDEX item_title IF NOT EXISTS FOR (n:Item) ON EACH [n.title];
CREATE FULLTEXT INDEX feature_value IF NOT EXISTS FOR (n:Feature) ON EACH [n.value];

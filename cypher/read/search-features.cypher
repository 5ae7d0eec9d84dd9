// Features with words in their values that begin as these do, the best first, with how many items and users have each.
// $words: STRING, in the language of the full-text index: each word with an asterisk; $limit: whole number. Cost: an index look-up; the
// features that have the words, up to the limit, and their HAS relationships.
CALL db.index.fulltext.queryNodes('feature_value', $words, {limit: toInteger($limit)}) YIELD node AS feature, score
RETURN feature.kind AS kind, feature.value AS value, COUNT { (feature)<-[:HAS]-(:Item) } AS items,
       COUNT { (feature)<-[:HAS]-(:User) } AS users
ORDER BY score DESC, kind, value

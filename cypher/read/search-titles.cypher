// Items with words in their titles that begin as these do, the best first.
// $words: STRING, in the language of the full-text index: each word with an asterisk; $limit: whole number. Cost: an index look-up; the
// items that have the words, up to the limit.
CALL db.index.fulltext.queryNodes('item_title', $words, {limit: toInteger($limit)}) YIELD node AS item, score
RETURN item.id AS id, item.title AS title
ORDER BY score DESC, id

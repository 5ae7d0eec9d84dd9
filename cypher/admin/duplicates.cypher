// Nodes that look like one and the same: items of one title, features of one kind whose values differ in case or blanks alone.
// Answers kind, the title as compared, nodes: how many there are, and ids: the first ten.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. One pass over items and features, whose titles are held at once.
// :param {limit: 100}
CALL () {
  MATCH (item:Item)
  WHERE item.title IS NOT NULL
  WITH toLower(trim(item.title)) AS title, item.id AS id
  ORDER BY id
  WITH title, collect(id) AS ids
  WHERE size(ids) > 1
  RETURN 'item' AS kind, title, ids
  UNION ALL
  MATCH (feature:Feature)
  WITH feature.kind AS featureKind, toLower(trim(toString(feature.value))) AS value, feature.key AS id
  ORDER BY id
  WITH featureKind, value, collect(id) AS ids
  WHERE size(ids) > 1
  RETURN 'feature' AS kind, featureKind + ': ' + value AS title, ids
}
RETURN kind, title, size(ids) AS nodes, ids[..10] AS ids
ORDER BY nodes DESC, kind, title
LIMIT $limit;

// What the graph is made of: how many nodes each label has and how many relationships each type, the greatest first.
// Answers kind: 'label' or 'relationship type', name, count.
// $limit: INTEGER = 200 (1 to 1000). Most rows.
// Cost: moderate. One pass over the labels of all nodes and the types of all relationships.
// :param {limit: 200}
CALL () {
  MATCH (node)
  UNWIND labels(node) AS name
  RETURN 'label' AS kind, name, count(*) AS count
  UNION ALL
  MATCH ()-[relationship]->()
  RETURN 'relationship type' AS kind, type(relationship) AS name, count(*) AS count
}
RETURN kind, name, count
ORDER BY kind, count DESC, name
LIMIT $limit;

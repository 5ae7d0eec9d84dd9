// Which of the user's items have each of some features: what a path through a feature goes over.
// $user: STRING; $features: LIST<STRING>, keys; $limit: INTEGER items a feature, the newest first.
// Answers feature, item, title.
// Kinds: each:Item
// Cost: degree(user) × features of an item.
MATCH (user:User {id: $user})-[mine:INTERACTED]->(liked:Item)-[:HAS]->(feature:Feature)
WHERE feature.key IN $features
WITH feature, liked, max(toFloat(mine.at)) AS moment
ORDER BY coalesce(moment, -1.0e300) DESC, liked.id
WITH feature, collect(liked)[..toInteger($limit)] AS all
UNWIND all AS each
RETURN feature.key AS feature, each.id AS item, coalesce(each.title, each.id) AS title
ORDER BY feature, item;

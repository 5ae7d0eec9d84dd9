// What an explanation shows through features, as a picture: the paths themselves.
// $user, $item: STRING; $through: LIST<STRING>, keys of the features that are shown; $limit: INTEGER paths.
// Cost: features of the item × degree(user).
MATCH path = (user:User {id: $user})-[mine:INTERACTED]->(liked:Item)-[:HAS]->(feature:Feature)<-[:HAS]-(item:Item {id: $item})
WHERE feature.key IN $through AND liked <> item
RETURN path
LIMIT toInteger($limit);

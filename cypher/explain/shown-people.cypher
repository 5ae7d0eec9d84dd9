// What an explanation shows through other people, as a picture: the paths themselves, people among them.
// $user, $item: STRING; $through: LIST<STRING>, items of the user that are shown; $minValue: FLOAT; $likedFrom, $countsFrom: MAP, as
// in through-people; $limit: INTEGER paths. For Neo4j Browser: an answer to others tells counts alone. Cost: people of the item.
MATCH path = (user:User {id: $user})-[mine:INTERACTED]->(shared:Item)<-[also:INTERACTED]-(other:User)-[theirs:INTERACTED]->(item:Item {id: $item})
WHERE shared.id IN $through AND other <> user
    AND coalesce(also.value, 1.0) >= coalesce($likedFrom[also.type], $minValue)
    AND coalesce(theirs.value, 1.0) >= coalesce($likedFrom[theirs.type], $minValue)
    AND coalesce(theirs.at >= $countsFrom[theirs.type], true)
RETURN path
LIMIT toInteger($limit);

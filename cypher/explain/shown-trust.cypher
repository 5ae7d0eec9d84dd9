// What an explanation shows through trust, as a picture: the paths themselves, people among them.
// $user, $item: STRING; $limit: INTEGER paths. For Neo4j Browser: an answer to others tells counts alone. Cost: trusted people.
MATCH path = (user:User {id: $user})-[:TRUSTS]->(friend:User)-[theirs:INTERACTED]->(item:Item {id: $item})
RETURN path
LIMIT toInteger($limit);

// Removes some of a user's relationships, of whatever type and direction, and marks the users and items at their other ends as changed.
// Locks the user first, so that an ingest of the same user waits. $user: STRING; $limit: INTEGER.
// Answers by type, as the user has it ('TRUSTS', 'TRUSTS of others'): how many, and the keys of features that they lead to or name.
// Cost: $limit relationships and their ends.
MATCH (user:User {id: $user})
SET user.locked = true
REMOVE user.locked
WITH user
CALL {
  WITH user
  MATCH (user)-[edge]-(other)
  RETURN edge, other
  LIMIT toInteger($limit)
}
WITH user, edge, other, type(edge) + CASE WHEN startNode(edge) = user THEN '' ELSE ' of others' END AS kind,
     CASE WHEN other:Feature THEN [other.key] ELSE [] END + coalesce(edge.context, []) AS features
FOREACH (node IN CASE WHEN (other:User OR other:Item) AND other <> user THEN [other] ELSE [] END |
  SET node.changed = timestamp())
DELETE edge
RETURN kind, count(*) AS removed, collect(features) AS features
ORDER BY kind

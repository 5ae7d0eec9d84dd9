// Creates interactions that are known not to be in the graph and that differ in their ends alone, of users who are locked;
// users and items exist already. Marks the users as changed. $groups: LIST<MAP {user: STRING, items: LIST<STRING>}>; $type: STRING, $at: INTEGER (ms since
// 1970), $value: FLOAT, $part: STRING or null; $context: STRING or null, keys of features, a line each. Cost: one index look-up an interaction.
UNWIND $groups AS group
MATCH (user:User {id: group.user})
SET user.changed = timestamp()
WITH user, group
UNWIND group.items AS id
MATCH (item:Item {id: id})
CREATE (user)-[:INTERACTED {type: $type, at: $at, value: $value, part: $part, context: split($context, '\n')}]->(item)

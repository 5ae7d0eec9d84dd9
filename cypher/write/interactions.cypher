// Creates interactions that are known not to be in the graph, of users who are locked; users and items exist already. Marks the users as changed.
// $groups: LIST<MAP {user: STRING, items: LIST<STRING>, types, ats, values, parts, contexts: LIST or null}>; where a group
// has no such list, $type, $at (ms since 1970), $value, $part (or null) and $context (or null; keys of features, a line each) hold
// for all. Cost: one index look-up an interaction.
UNWIND $groups AS group
MATCH (user:User {id: group.user})
SET user.changed = timestamp()
WITH user, group
UNWIND range(0, size(group.items) - 1) AS k
MATCH (item:Item {id: group.items[k]})
CREATE (user)-[:INTERACTED {
  type: coalesce(group.types[k], $type),
  at: toInteger(coalesce(group.ats[k], $at)),
  value: coalesce(group.values[k], $value),
  part: coalesce(group.parts[k], $part),
  context: split(coalesce(group.contexts[k], $context), '\n')
}]->(item)

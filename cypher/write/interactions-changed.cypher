// Sets the value, part and context of interactions that are in the graph, of users who are locked; a part or context that is not given stays.
// Marks the users as changed.
// $groups: LIST<MAP {user: STRING, items: LIST<STRING>, types, ats, values, parts, contexts: LIST or null}>; where a group
// has no such list, $type, $at, $value, $part and $context hold for all. Cost: one index look-up and one expansion between two nodes an interaction.
UNWIND $groups AS group
MATCH (user:User {id: group.user})
SET user.changed = timestamp()
WITH user, group
UNWIND range(0, size(group.items) - 1) AS k
MATCH (item:Item {id: group.items[k]})
MATCH (user)-[known:INTERACTED]->(item)
WHERE known.type = coalesce(group.types[k], $type) AND known.at = coalesce(group.ats[k], $at)
SET known.value = coalesce(group.values[k], $value), known.part = coalesce(group.parts[k], $part, known.part),
    known.context = coalesce(split(coalesce(group.contexts[k], $context), '\n'), known.context)

// Which interactions of locked users are in the graph already: sets their value and part to what is given, and answers
// by group how many have both nodes and the positions of those that are not there. $groups: LIST<MAP {user: STRING, items: LIST<STRING>, types, ats, values, parts:
// LIST or null}>; where a group has no such list, $type, $at, $value and $part hold for all.
// Cost: one index look-up and one expansion between two nodes an interaction.
UNWIND range(0, size($groups) - 1) AS g
WITH g, $groups[g] AS group
MATCH (user:User {id: group.user})
UNWIND range(0, size(group.items) - 1) AS k
MATCH (item:Item {id: group.items[k]})
OPTIONAL MATCH (user)-[known:INTERACTED]->(item)
WHERE known.type = coalesce(group.types[k], $type) AND known.at = coalesce(group.ats[k], $at)
FOREACH (one IN CASE WHEN known IS NULL THEN [] ELSE [known] END |
  SET one.value = coalesce(group.values[k], $value), one.part = coalesce(group.parts[k], $part, one.part))
RETURN g, count(*) AS found, collect(CASE WHEN known IS NULL THEN k END) AS missing

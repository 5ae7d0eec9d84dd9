// Which interactions of locked users are in the graph already. Answers by group how many have both nodes, the positions of
// those that are not there, and of those whose value, part or context differs from what is given. Only reads, so that it neither locks
// items nor holds rows back. $groups: LIST<MAP {user: STRING, items: LIST<STRING>, types, ats, values, parts, contexts:
// LIST or null}>; where a group has no such list, $type, $at, $value, $part and $context hold for all.
// Cost: one index look-up and one expansion between two nodes an interaction.
UNWIND range(0, size($groups) - 1) AS g
WITH g, $groups[g] AS group
MATCH (user:User {id: group.user})
UNWIND range(0, size(group.items) - 1) AS k
MATCH (item:Item {id: group.items[k]})
OPTIONAL MATCH (user)-[known:INTERACTED]->(item)
WHERE known.type = coalesce(group.types[k], $type) AND known.at = coalesce(group.ats[k], $at)
WITH g, k, known, coalesce(group.values[k], $value) AS value, coalesce(group.parts[k], $part) AS part,
     split(coalesce(group.contexts[k], $context), '\n') AS context
RETURN g, count(DISTINCT k) AS found,
       collect(DISTINCT CASE WHEN known IS NULL THEN k END) AS missing,
       collect(DISTINCT CASE WHEN known IS NOT NULL AND (coalesce(known.value <> value, true) OR known.part <> part
                                                         OR (known.part IS NULL AND part IS NOT NULL)
                                                         OR (context IS NOT NULL AND coalesce(known.context <> context, true)))
                             THEN k END) AS changed

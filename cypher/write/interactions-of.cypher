// All interactions of some locked users, each user's as columns. Only reads, so that it locks no items.
// $users: LIST<STRING>. Cost: one expansion a user, one property record or two an interaction.
UNWIND range(0, size($users) - 1) AS g
MATCH (user:User {id: $users[g]})-[known:INTERACTED]->(item:Item)
WHERE known.type IS NOT NULL AND known.at IS NOT NULL
RETURN g, collect(item.id) AS items, collect(known.type) AS types, collect(known.at) AS ats,
       collect(coalesce(known.value, 'none')) AS values, collect(coalesce(known.part, '')) AS parts,
       collect(coalesce(known.context, [])) AS contexts

// Which of some types no interaction is of. $types: LIST<STRING>. Answers types: LIST<STRING>, in their order.
// Cost: little for a type that there is, whose first interaction is enough; all interactions for one that there is not.
UNWIND range(0, size($types) - 1) AS place
WITH place, $types[place] AS type
WHERE NOT EXISTS { MATCH (:User)-[did:INTERACTED]->(:Item) WHERE did.type = type }
WITH type
ORDER BY place
RETURN collect(type) AS types;

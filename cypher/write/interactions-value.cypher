// Sets the value of interactions that are there, of users who are locked; the others are passed over. Marks the users.
// $rows: LIST<MAP {user, item, type: STRING, at: ms since 1970, value: FLOAT}>. Answers how many there were.
// Cost: two index look-ups and one expansion between two nodes an interaction.
UNWIND $rows AS row
MATCH (user:User {id: row.user})
MATCH (item:Item {id: row.item})
MATCH (user)-[known:INTERACTED {type: row.type, at: toInteger(row.at)}]->(item)
SET known.value = toFloat(row.value), user.changed = timestamp()
RETURN count(*) AS found

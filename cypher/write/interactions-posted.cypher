// Writes posted interactions, of users who are locked and marked as changed; users and items exist already. Replaying changes
// nothing: one relationship per user, item, type and time; the value is the last one said.
// $given: MAP {rows: LIST<MAP {user, item, type: STRING, at: ms since 1970, value: FLOAT}>}.
// Cost: two index look-ups and one expansion between two nodes an interaction.
UNWIND $given.rows AS row
MATCH (user:User {id: row.user})
MATCH (item:Item {id: row.item})
MERGE (user)-[interacted:INTERACTED {type: row.type, at: toInteger(row.at)}]->(item)
SET interacted.value = toFloat(row.value)

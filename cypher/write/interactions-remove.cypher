// Removes interactions of users who are locked, and marks those users; what is not there is passed over.
// $rows: LIST<MAP {user, item: STRING, type: STRING or null, at: ms since 1970 or null}>, where null stands for all.
// Cost: two index look-ups and one expansion between two nodes a row.
UNWIND $rows AS row
MATCH (user:User {id: row.user})
MATCH (item:Item {id: row.item})
MATCH (user)-[known:INTERACTED]->(item)
WHERE (row.type IS NULL OR known.type = row.type) AND (row.at IS NULL OR known.at = toInteger(row.at))
SET user.changed = timestamp()
DELETE known

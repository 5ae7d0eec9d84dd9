// Takes from items, which are locked and marked, the features that they are not to keep.
// $rows: LIST<MAP {id: STRING, keys: LIST<STRING>}>. Cost: one index look-up and the HAS relationships a row.
UNWIND $rows AS row
MATCH (:Item {id: row.id})-[has:HAS]->(feature:Feature)
WHERE NOT feature.key IN row.keys
DELETE has

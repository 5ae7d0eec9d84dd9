// Sees to it that features exist. $rows: LIST<MAP {key, kind, value: STRING}>, ascending by key, so that concurrent
// writers take locks in one order. Cost: one index look-up a row.
UNWIND $rows AS row
MERGE (feature:Feature {key: row.key})
ON CREATE SET feature.kind = row.kind, feature.value = row.value

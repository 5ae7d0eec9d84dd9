// Features of all items that have some, by outside id: LIST of [kind, value]. No parameters. Cost: one pass over the HAS relationships of items.
MATCH (i:Item)-[:HAS]->(f:Feature)
RETURN i.id AS id, collect([f.kind, f.value]) AS features

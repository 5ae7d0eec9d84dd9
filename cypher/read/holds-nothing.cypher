// Whether the database holds nothing but the notes of its schema. No parameters. Cost: a few nodes.
RETURN NOT EXISTS { MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock } AS nothing

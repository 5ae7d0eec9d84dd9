// Whether the database holds nothing but the notes of its schema, and nobody but who asks is connected.
// No parameters. Cost: a few nodes, and the list of connections.
CALL dbms.listConnections() YIELD connectionId
WITH count(*) AS connections
RETURN connections <= 1 AND NOT EXISTS { MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock } AS nothing

// Which migrations the database has, oldest first.
// Parameters: none. Cost: one small node for each migration.
MATCH (m:Migration)
RETURN m.version AS version, m.name AS name, m.checksum AS checksum
ORDER BY version

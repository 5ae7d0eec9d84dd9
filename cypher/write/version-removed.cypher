// Marks a version whose files are removed: what it was, and what was made of it, stays known. $version: STRING; $at: ms since 1970.
// Answers version; no row where the graph does not know it. Cost: one index look-up.
MATCH (version:Version {id: $version})
SET version.removedAt = toInteger($at)
RETURN version.id AS version;

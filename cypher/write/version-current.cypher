// Notes that a version has become the current one, and after which; for the one that is current already it changes nothing. Locks a
// slot, so that two publishers go one after the other.
// $version: STRING; $at: ms since 1970. Cost: the nodes of all versions.
MERGE (lock:Slot {name: 'vectorA'})
SET lock.locked = true
REMOVE lock.locked
WITH lock
MATCH (version:Version {id: $version})
WHERE NOT coalesce(version.current, false)
OPTIONAL MATCH (other:Version)
WHERE other.current AND other <> version
WITH version, collect(other) AS before
SET version.current = true, version.publishedAt = coalesce(version.publishedAt, []) + toInteger($at)
REMOVE version.removedAt
FOREACH (old IN before |
  REMOVE old.current
  CREATE (version)-[:FOLLOWS {at: toInteger($at)}]->(old))
RETURN version.id AS version;

// Writes what was shown: one relationship an item that stood in an answer. Users and items that are not in the graph are passed over:
// to be shown something makes nobody known. A request that is there already changes nothing, so a batch can be repeated; writers go one
// after the other, so that a batch whose first attempt is still under way is not written beside it.
// $shown: LIST<MAP {request, user, version: STRING, at: ms since 1970, items: LIST<STRING> in the order shown; and where there
// are such propensity: FLOAT, pipeline, experiment, arm: STRING, draws: LIST<FLOAT>, one an item, offset: how many places come before
// the first}>, each request once; position counts from 1. Answers written, known: INTEGER, impressions and how many were there already.
// Cost: one look-up of the request, and one of each item.
MERGE (lock:Lock {name: 'impressions'})
SET lock.locked = true
REMOVE lock.locked
WITH lock
UNWIND $shown AS one
OPTIONAL MATCH ()-[before:SHOWN {request: one.request}]->()
WHERE before.at = one.at
WITH one, count(before) AS known
OPTIONAL MATCH (user:User {id: one.user})
WHERE known = 0
CALL (one, user) {
  UNWIND range(0, size(one.items) - 1) AS place
  MATCH (item:Item {id: one.items[place]})
  WHERE user IS NOT NULL
  CREATE (user)-[:SHOWN {at: toInteger(one.at), position: coalesce(toInteger(one.offset), 0) + place + 1, version: one.version, propensity: toFloat(one.propensity),
                         request: one.request, pipeline: one.pipeline, experiment: one.experiment, arm: one.arm,
                         draw: toFloat(one.draws[place])}]->(item)
  RETURN count(*) AS written
}
RETURN sum(written) AS written, sum(known) AS known;

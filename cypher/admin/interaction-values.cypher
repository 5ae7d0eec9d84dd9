// How often each value was given, by type: is it a rating, a count, or always 1? Answers type, value, interactions, share of its type.
// $type: STRING = null. One type; all where null.
// $limit: INTEGER = 100 (1 to 10000). Most rows.
// Cost: moderate. One pass over the interactions.
// :param {type: null, limit: 100}
MATCH ()-[did:INTERACTED]->()
WHERE $type IS NULL OR did.type = $type
WITH did.type AS type, did.value AS value, count(*) AS interactions
WITH type, sum(interactions) AS all, collect({value: value, interactions: interactions}) AS values
UNWIND values AS one
RETURN type, one.value AS value, one.interactions AS interactions, toFloat(one.interactions) / all AS share
ORDER BY type, value
LIMIT $limit;

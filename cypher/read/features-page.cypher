// One page of features by key, with how many items and users have each.
// $after: STRING, the last key of the page before, '' for the first; $prefix: STRING, what the keys begin with; $limit: whole number.
// Cost: an index seek, and the HAS relationships of $limit features.
MATCH (feature:Feature) WHERE feature.key > $after AND feature.key STARTS WITH $prefix
WITH feature ORDER BY feature.key LIMIT toInteger($limit)
RETURN feature.key AS key, feature.kind AS kind, feature.value AS value,
       COUNT { (feature)<-[:HAS]-(:Item) } AS items, COUNT { (feature)<-[:HAS]-(:User) } AS users
ORDER BY key

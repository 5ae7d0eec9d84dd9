// Features by key, with how many items and users have each; no row for what there is not.
// $keys: LIST<STRING>. Cost: one index look-up and the HAS relationships a key.
UNWIND $keys AS key
MATCH (feature:Feature {key: key})
RETURN feature.key AS key, feature.kind AS kind, feature.value AS value,
       COUNT { (feature)<-[:HAS]-(:Item) } AS items, COUNT { (feature)<-[:HAS]-(:User) } AS users

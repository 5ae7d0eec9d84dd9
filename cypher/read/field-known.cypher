// Whether the graph has a feature of a kind, or a number or text of a name.
// $prefix: STRING, the kind and a colon; $properties: LIST<STRING>. Cost: an index seek, and a look at all names of properties.
CALL { RETURN EXISTS { MATCH (feature:Feature) WHERE feature.key STARTS WITH $prefix } AS asFeature }
CALL { CALL db.propertyKeys() YIELD propertyKey RETURN any(key IN collect(propertyKey) WHERE key IN $properties) AS asAttribute }
RETURN asFeature, asAttribute

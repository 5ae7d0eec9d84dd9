// What some relationships of a type hold, for which `INTERACTED` stands: as `inspect-label-properties` says it of nodes.
// $sample: INTEGER, how many are looked at. Answers name: STRING; types: LIST<STRING>; looked, present, distinct: INTEGER;
// values: LIST<STRING>, cut to 60 characters. Cost: $sample relationships with their properties.
MATCH ()-[r:INTERACTED]->()
WITH r LIMIT toInteger($sample)
WITH collect(r) AS edges
UNWIND edges AS r
UNWIND keys(r) AS name
WITH size(edges) AS looked, name, r[name] AS value
WITH looked, name, valueType(value) AS type,
     CASE WHEN valueType(value) STARTS WITH 'LIST' THEN '[' + size(value) + ' elements]' ELSE left(toStringOrNull(value), 60) END AS text
RETURN name, looked, count(*) AS present, count(DISTINCT text) AS distinct,
       collect(DISTINCT replace(type, ' NOT NULL', ''))[..5] AS types, collect(DISTINCT text)[..3] AS values
ORDER BY name

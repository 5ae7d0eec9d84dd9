// What some nodes of a label hold, for which `User` stands: each property with its types, how many have it and a few values.
// $sample: INTEGER, how many nodes are looked at. Answers name: STRING; types: LIST<STRING>; looked, present, distinct: INTEGER;
// values: LIST<STRING>, cut to 60 characters. Cost: $sample nodes with their properties.
MATCH (n:User)
WITH n LIMIT toInteger($sample)
WITH collect(n) AS nodes
UNWIND nodes AS n
UNWIND keys(n) AS name
WITH size(nodes) AS looked, name, n[name] AS value
WITH looked, name, valueType(value) AS type,
     CASE WHEN valueType(value) STARTS WITH 'LIST' THEN '[' + size(value) + ' elements]' ELSE left(toStringOrNull(value), 60) END AS text
RETURN name, looked, count(*) AS present, count(DISTINCT text) AS distinct,
       collect(DISTINCT replace(type, ' NOT NULL', ''))[..5] AS types, collect(DISTINCT text)[..3] AS values
ORDER BY name

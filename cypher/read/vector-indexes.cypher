// How the vector indexes of the two slots stand. No parameters.
// Answers name, state: STRING ('POPULATING', 'ONLINE', 'FAILED'); percent: FLOAT, filled up to; dimensions: INTEGER; similarity: STRING.
// Cost: constant.
SHOW VECTOR INDEXES YIELD name, state, populationPercent, options
WHERE name IN ['item_vector_a', 'item_vector_b', 'user_vector_a', 'user_vector_b']
RETURN name, state, populationPercent AS percent, options.indexConfig['vector.dimensions'] AS dimensions,
       toLower(options.indexConfig['vector.similarity_function']) AS similarity
ORDER BY name;

// One page of users with their attributes, for an export: parallel lists of the attributes' properties and their values.
// $after: STRING, the last id of the page before, '' for the first; $limit: whole number, users a page.
// Cost: an index seek, and $limit nodes.
MATCH (user:User) WHERE user.id > $after
WITH user ORDER BY user.id LIMIT toInteger($limit)
WITH user, [key IN keys(user) WHERE key STARTS WITH 'num_' OR key STARTS WITH 'text_' OR key STARTS WITH 'vec_'] AS keys
RETURN user.id AS id, keys, [key IN keys | user[key]] AS values
ORDER BY id

// Sets attributes of users that exist: numbers (num_…), texts (text_…) and vectors (vec_…); what a row does not say stays.
// $rows: LIST<MAP {id: STRING, attributes: MAP of property to FLOAT, STRING, LIST<FLOAT>}>, ascending by id, so that concurrent
// writers take locks in one order. Cost: one index look-up a row.
UNWIND $rows AS row
MATCH (user:User {id: row.id})
SET user += row.attributes, user.changed = timestamp()

// Sets attributes of items that exist: numbers (num_…), texts (text_…), vectors (vec_…), and whether they are available; what a
// row does not say stays. $rows: LIST<MAP {id: STRING, attributes: MAP of property to FLOAT, STRING, LIST<FLOAT>, BOOLEAN}>,
// ascending by id, so that concurrent writers take locks in one order. Cost: one index look-up a row.
UNWIND $rows AS row
MATCH (item:Item {id: row.id})
SET item += row.attributes, item.changed = timestamp()

// How many more vectors lie in a slot than its publisher wrote: those that an earlier version left on nodes which this one does not know.
// $slot: STRING, 'vectorA' or 'vectorB'. Answers excess: INTEGER. Cost: one pass over the users and items.
MATCH (slot:Slot {name: $slot})
CALL { MATCH (user:User) WHERE user[$slot] IS NOT NULL RETURN count(user) AS users }
CALL { MATCH (item:Item) WHERE item[$slot] IS NOT NULL RETURN count(item) AS items }
RETURN users + items - slot.written AS excess;

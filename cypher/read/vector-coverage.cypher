// How many users and items have a vector in each slot. No parameters.
// Answers users, items: INTEGER, of all; usersA, usersB, itemsA, itemsB: INTEGER, with a vector there. Cost: one pass over both.
CALL { MATCH (user:User) RETURN count(user) AS users, count(user.vectorA) AS usersA, count(user.vectorB) AS usersB }
CALL { MATCH (item:Item) RETURN count(item) AS items, count(item.vectorA) AS itemsA, count(item.vectorB) AS itemsB }
RETURN users, usersA, usersB, items, itemsA, itemsB;

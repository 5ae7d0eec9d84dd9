// Removes a batch of impressions that are older than they are kept for; to be run until it answers 0.
// $before: ms since 1970; $limit: INTEGER. Answers removed: INTEGER. Cost: the batch, by the index of times.
MATCH ()-[shown:SHOWN]->()
WHERE shown.at < toInteger($before)
WITH shown
LIMIT toInteger($limit)
DELETE shown
RETURN count(*) AS removed;

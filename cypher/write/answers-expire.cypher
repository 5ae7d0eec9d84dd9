// Removes old answers, a few at a time. $before: ms since 1970. Cost: an index seek, and at most 1,000 nodes.
MATCH (answer:Answer) WHERE answer.at < $before
WITH answer LIMIT 1000
DELETE answer

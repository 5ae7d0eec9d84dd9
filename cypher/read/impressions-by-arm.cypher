// What each user was shown in each arm of an experiment, and how much of it she took: did anything with, of the types that count, within the
// window after it was shown. An interaction counts for each time that the item was shown in the window before it.
// $experiment: STRING; $since, $until: ms since 1970, of what was shown; $window: ms; $types: LIST<STRING>, all where it is empty.
// Answers user, arm: STRING, answers, impressions, taken: INTEGER; by user and arm. Cost: the impressions of that time, by the index of
// times, and for each of the experiment the interactions between its user and its item.
MATCH (u:User)-[shown:SHOWN]->(i:Item)
WHERE shown.at >= toInteger($since) AND shown.at < toInteger($until) AND shown.experiment = $experiment
WITH u, shown, EXISTS {
  MATCH (u)-[did:INTERACTED]->(i)
  WHERE did.at >= shown.at AND did.at < shown.at + toInteger($window) AND (size($types) = 0 OR did.type IN $types)
} AS isTaken
RETURN u.id AS user, shown.arm AS arm, count(DISTINCT shown.request) AS answers, count(*) AS impressions,
       sum(CASE WHEN isTaken THEN 1 ELSE 0 END) AS taken
ORDER BY user, arm;

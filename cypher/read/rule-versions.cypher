// Every version that a rule ever had, newest first. $name: STRING.
// Answers version, kind, cypher, purpose, at and removed: ms since 1970, removed null where it is in use. Cost: the versions of one rule.
MATCH (rule:Rule {name: $name})
RETURN rule.version AS version, rule.kind AS kind, rule.cypher AS cypher, rule.purpose AS purpose, rule.at AS at,
       rule.removed AS removed
ORDER BY version DESC;

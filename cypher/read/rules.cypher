// The rules in use, each in its newest version. $names: LIST<STRING>, or null for all.
// Answers name, version, kind, cypher, purpose, parameters: STRING (JSON), at: ms since 1970. Cost: all versions of these rules.
MATCH (rule:Rule)
WHERE rule.removed IS NULL AND ($names IS NULL OR rule.name IN $names)
WITH rule
ORDER BY rule.version DESC
WITH rule.name AS name, collect(rule)[0] AS rule
RETURN name, rule.version AS version, rule.kind AS kind, rule.cypher AS cypher, rule.purpose AS purpose,
       rule.parameters AS parameters, rule.at AS at
ORDER BY name;

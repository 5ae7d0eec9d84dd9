// Registers a rule, or its next version. Of two writers at once one fails on the constraint rule_version.
// $name, $kind, $cypher, $purpose: STRING; $parameters: STRING (JSON). Answers version: INTEGER and at: ms since 1970.
// Cost: the versions of one rule.
OPTIONAL MATCH (before:Rule {name: $name})
WITH coalesce(max(before.version), 0) + 1 AS version
CREATE (rule:Rule {name: $name, version: version, kind: $kind, cypher: $cypher, purpose: $purpose, parameters: $parameters, at: timestamp()})
RETURN rule.version AS version, rule.at AS at;

// Takes a rule out of use. Its versions stay, so that old answers can be explained; a rule of that name can be registered again.
// $name: STRING. Answers removed: how many versions were in use. Cost: the versions of one rule.
MATCH (rule:Rule {name: $name})
WHERE rule.removed IS NULL
SET rule.removed = timestamp()
RETURN count(rule) AS removed;

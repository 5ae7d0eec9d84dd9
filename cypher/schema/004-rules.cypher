// Rules that administrators register: each change is a new version, and no version is there twice.
// Parameters: none. Cost: nothing on a graph without rules.
CREATE CONSTRAINT rule_version IF NOT EXISTS FOR (n:Rule) REQUIRE (n.name, n.version) IS UNIQUE;

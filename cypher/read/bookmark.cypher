// Nothing: its transaction's bookmark tells which commit is the last one.
// No parameters. Cost: constant.
RETURN 1 AS one

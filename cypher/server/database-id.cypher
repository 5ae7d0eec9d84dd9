// Which database this is, the same under every address that leads to it. No parameters. Cost: none.
CALL db.info() YIELD id
RETURN id

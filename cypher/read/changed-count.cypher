// How many users were marked as changed from a moment on. $since: ms since 1970, of the server's clock. Cost: one look-up in an index.
MATCH (u:User) WHERE u.changed >= $since
RETURN count(u) AS users

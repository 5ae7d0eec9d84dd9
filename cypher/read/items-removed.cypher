// Items that were removed from a moment on, by the hash of their id: see schema/002. $since: ms since 1970, of the server's clock.
// Cost: one look-up in an index.
MATCH (removed:Removed) WHERE removed.at >= $since AND removed.kind = 'item'
RETURN DISTINCT removed.key AS key

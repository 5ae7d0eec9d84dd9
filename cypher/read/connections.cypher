// How many connections there are to the server, that of who asks among them.
// No parameters. Cost: the list of connections.
CALL dbms.listConnections() YIELD connectionId
RETURN count(*) AS connections

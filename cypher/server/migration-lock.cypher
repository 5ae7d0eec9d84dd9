// Takes the lock on the schema: whoever runs this waits until the transaction that ran it before has ended.
// Parameters: none. Cost: constant, and the wait.
MERGE (lock:MigrationLock {name: 'schema'})
SET lock.at = timestamp()

// The server's time, and when the oldest transaction began that is open: whatever was marked as changed before both is committed.
// No parameters. Cost: one row for each open transaction. Who lacks the right to see others' transactions sees their own alone.
SHOW TRANSACTIONS YIELD startTime
RETURN timestamp() AS now, min(datetime(startTime).epochMillis) AS oldest

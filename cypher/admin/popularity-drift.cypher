// How much what people choose changes from one window of time to the next: the shares of the items among all interactions.
// Answers at: ms since 1970 of a window's end, interactions in it, before: interactions in the window before it, divergence: Jensen–Shannon
// divergence of the two in bits, 0 for the same and 1 for nothing in common. Newest first; windows beside an empty one are left out.
// $days: FLOAT = 30 (0.01 to 3650). Length of a window, in days.
// $windows: INTEGER = 6 (1 to 60). How many pairs of windows.
// $limit: INTEGER = 60 (1 to 60). Most rows.
// Cost: moderate. Two passes over the interactions, and the windows of each item.
// :param {days: 30, windows: 6, limit: 60}
CALL () {
  MATCH ()-[did:INTERACTED]->()
  WHERE did.at > 0
  RETURN max(did.at) AS last
}
WITH last, toInteger($days * 86400000) AS width
MATCH (item:Item)<-[did:INTERACTED]-()
WHERE did.at > 0 AND did.at > last - ($windows + 1) * width
WITH last, width, item, collect((last - did.at) / width) AS found
WITH last, width, [window IN range(0, $windows) | size([one IN found WHERE one = window])] AS counts
WITH last, width, collect(counts) AS all
UNWIND range(0, $windows - 1) AS window
WITH last - window * width AS at, [counts IN all | [counts[window], counts[window + 1]]] AS pairs
WITH at, pairs, reduce(sum = 0, pair IN pairs | sum + pair[0]) AS now, reduce(sum = 0, pair IN pairs | sum + pair[1]) AS before
WHERE now > 0 AND before > 0
UNWIND pairs AS pair
WITH at, now, before, toFloat(pair[0]) / now AS p, toFloat(pair[1]) / before AS q
WITH at, now, before,
     sum(CASE p WHEN 0 THEN 0.0 ELSE p * log(2 * p / (p + q)) END + CASE q WHEN 0 THEN 0.0 ELSE q * log(2 * q / (p + q)) END) AS nats
RETURN at, now AS interactions, before, nats / 2 / log(2) AS divergence
ORDER BY at DESC
LIMIT $limit;

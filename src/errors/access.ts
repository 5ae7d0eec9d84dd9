/** Errors of those who come over the network: what they ask, who they are, and whose data they see. */
import { bad, broken, conflict, missing, type Row, told, unauthorized, unavailable } from './rows.ts';

export const accessErrors = {
  'api/invalid': bad('{problem}', 422),
  'api/not-found': missing('No such endpoint: {path}'),
  'api/method': bad('{method} is no method of this endpoint. It has: {allow}', 405),
  'api/target': bad(
    "What is asked for cannot be read in one way only: {problem}. Write each part of the path as encodeURIComponent does; '.' and '..' are no ids",
    400,
  ),
  'api/no-console': missing(
    "The console is not built: dist/console is not there. 'npm run build' makes it; the package from the registry holds it",
  ),
  'api/unauthorized': unauthorized(
    "A valid key or token is needed: 'Authorization: Bearer …' or 'X-API-Key: …'. Keys are made with 'tastegraph keys create'",
  ),
  'api/jwt-refused': unauthorized('The token is refused: {problem}'),
  'api/jwks-unreachable': unavailable('The keys of the identity provider at {from} cannot be had: {problem}'),
  'api/forbidden': bad("This needs the scope '{scope}'; what you came with has: {given}", 403),
  'api/other-tenant': bad('What you came with does not open this tenant', 403),
  'api/foreign-host': bad(
    "This server lets anyone in, so it answers only where it is asked as localhost or 127.0.0.1, and this request names another host. Ask it so, or make a key with 'tastegraph keys create' and send it",
    403,
  ),
  'api/foreign-origin': bad(
    "This server lets anyone in, so a page of another origin may only read. Name the page's origin in --cors-origins, or make a key with 'tastegraph keys create' and send it",
    403,
  ),
  'api/rate-limited': {
    message: 'More than {limit} requests/s, beyond a burst of {burst}. Come again in {seconds} s',
    status: 429,
    exit: 5,
    retryable: true,
  },
  'api/media-type': bad("The body must come with 'Content-Type: application/json'", 415),
  'api/lines-needed': bad(
    "The body must come with 'Content-Type: application/x-ndjson': a JSON object a line, each ended by a line feed",
    415,
  ),
  'api/coding': bad('The body came in a Content-Encoding that is not read here. Send it in one of: {accepted}', 415),
  'api/charset': bad('The body came in a charset that is not read here. Send it in UTF-8', 415),
  'api/not-gzip': bad('The body is not gzip to its end, as its Content-Encoding says: {problem}', 422),
  'api/too-large': bad('The body is larger than {limit} bytes', 413),
  'api/malformed': bad(
    'This is no request in HTTP/1.1 that can be read: its first line, a header or its Host is malformed',
    400,
  ),
  'api/headers-too-large': bad('The first line and the headers are larger than {limit} bytes together. Send less', 431),
  'api/cut-off': {
    message: 'The connection was ended before the request had come whole. Send it again',
    status: 400,
    exit: 5,
    retryable: true,
  },
  'api/slow': {
    message: 'The request did not arrive whole in time. Send it again',
    status: 408,
    exit: 5,
    retryable: true,
  },
  'api/cursor': bad('The cursor is not one that this list gave for the same query. Begin again without one', 422),
  'api/precondition': bad('It is not as it was when its ETag was given. Read it again, and decide anew', 412),
  'api/precondition-unheeded': bad(
    'If-Match and If-None-Match are heeded where one user, item or feature is changed, or one item or feature removed; here the request would be done whatever they say. Send it without',
    422,
  ),
  'api/idempotency-key': bad(
    'Idempotency-Key is 1 to 255 visible characters, and goes with writes of users, items, features and interactions. Send anything else without it, and uploads again as they are, each interaction with its time',
    422,
  ),
  'api/idempotency-reused': bad('This Idempotency-Key came with another request before. Use a new one', 422),
  'api/idempotency-running': conflict(
    'A request with this Idempotency-Key is still at work, or it is not known what came of it. Send the same again: it gets the answer of the first once there is one, and is done anew in {seconds} s at the latest',
  ),
  'api/timeout': unavailable('The request took longer than {seconds} s'),
  'api/overloaded': unavailable(
    '{working} requests are at work and {waiting} wait, which is all that one process takes on. Come again in a moment',
  ),
  'api/too-many-streams': unavailable(
    '{streaming} uploads and answers of lines are under way, which is all that one process takes on. Come again in a moment',
  ),
  'api/too-many-bodies': unavailable(
    'Bodies of {mib} MiB are on their way or at work, which is all that one process takes on. Come again in a moment',
  ),
  'api/client-gone': { message: 'Nobody waits for the answer any more', status: 499, exit: 5, retryable: true },
  'api/stopping': unavailable('The server is stopping'),
  'api/token-needed': bad(
    "Listening on {host} needs somebody who is let in: make a key with 'tastegraph keys create', set TASTEGRAPH_TOKEN or --jwks-url, or listen on 127.0.0.1",
  ),
  'api/port-taken': conflict('Port {port} on {host} is taken. Choose another with --port, or 0 for a free one'),

  'key/unknown': missing("No key '{id}'. See 'tastegraph keys list'"),
  'key/expired': unauthorized("The key '{id}' has expired. Make another with 'tastegraph keys create'"),
  'key/revoked': unauthorized("The key '{id}' was revoked. Make another with 'tastegraph keys create'"),
  'key/file': broken(
    'The file of keys {path} cannot be used: {problem}. Nobody is let in by key until it is mended, or put back from a copy',
  ),
  'key/locked': told(
    conflict('Another process (id {pid}) has been changing keys since {since} and holds {lock}. Try again'),
    'Another process has been changing keys since {since}. Try again',
  ),

  'tenant/unknown': missing("No tenant '{name}'. Tenants are named in the config file, under tenants"),
  'tenant/shared': bad("Tenant '{name}' and {other} share {what}, so they could see each other. Give each its own"),
  'tenant/login': bad("The Neo4j login of tenant '{name}' cannot be: {problem}"),
  'tenant/unguarded': bad(
    "Tenants are kept apart by who asks: make a key with 'tastegraph keys create --tenant NAME', or set TASTEGRAPH_TOKEN or --jwks-url",
  ),
} satisfies Record<string, Row>;

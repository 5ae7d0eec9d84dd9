/** Errors of those who come over the network: what they ask, who they are, and whose data they see. */
import { bad, broken, conflict, missing, type Row, unauthorized, unavailable } from './rows.ts';

export const accessErrors = {
  'api/invalid': bad('{problem}', 422),
  'api/not-found': missing('No such endpoint: {path}'),
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
  'api/too-large': bad('The body is larger than {limit} bytes', 413),
  'api/cursor': bad('The cursor is not one that this list gave for the same query. Begin again without one', 422),
  'api/precondition': bad('It is not as it was when its ETag was given. Read it again, and decide anew', 412),
  'api/idempotency-key': bad(
    'Idempotency-Key is 1 to 255 visible characters, and not for uploads, which change nothing when they are sent again',
    422,
  ),
  'api/idempotency-reused': bad('This Idempotency-Key came with another request before. Use a new one', 422),
  'api/idempotency-running': conflict('A request with this Idempotency-Key is still at work. Ask again in a moment'),
  'api/timeout': unavailable('The request took longer than {seconds} s'),
  'api/overloaded': unavailable(
    '{working} requests are at work and {waiting} wait, which is all that one process takes on. Come again in a moment',
  ),
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
  'key/locked': conflict('Another process (id {pid}) has been changing keys since {since} and holds {lock}. Try again'),

  'tenant/unknown': missing("No tenant '{name}'. Tenants are named in the config file, under tenants"),
  'tenant/shared': bad("Tenant '{name}' and {other} share {what}, so they could see each other. Give each its own"),
  'tenant/login': bad("The Neo4j login of tenant '{name}' cannot be: {problem}"),
  'tenant/unguarded': bad(
    "Tenants are kept apart by who asks: make a key with 'tastegraph keys create --tenant NAME', or set TASTEGRAPH_TOKEN or --jwks-url",
  ),
} satisfies Record<string, Row>;

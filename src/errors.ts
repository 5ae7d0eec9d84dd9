/**
 * Every error that a user can meet, in one table: code → message, HTTP status, exit code, whether trying again can help.
 * A message names what was given, what was expected and what to do. `{name}` is filled from the details.
 */
import { accessErrors } from './errors/access.ts';
import { backupErrors } from './errors/backup.ts';
import { experimentErrors } from './errors/experiments.ts';
import { bad, broken, conflict, missing, type Row, settled, told, unavailable } from './errors/rows.ts';
import { versionErrors } from './errors/versions.ts';

export const errorTable = {
  'options/unknown': bad("Unknown option '{name}' in {where}.{hint} Known: {known}"),
  'options/unknown-command': bad("No command '{name}'.{hint} There are: {known}"),
  'options/invalid': bad("Option '{name}' from {where}: {problem}. Given: {given}"),
  'options/missing': bad("'{name}' is missing. {todo}"),
  'options/together': bad('{given} were given together. {todo}'),
  'options/config-file': bad('The config file {path} cannot be read: {problem}'),

  'data/not-found': missing('No such file or folder: {path}'),
  'data/unknown-format': bad('The format of {path} was not recognised. Say it with --format, one of: {formats}'),
  'data/malformed': bad('{file}, line {line}, field {field}: {reason}'),
  'data/too-many-bad-lines': bad(
    '{bad} of {read} lines of {path} are bad, over the limit of {limit} %. They are in {quarantine}. Mend the input, or raise --max-bad-percent',
  ),
  'data/empty': bad('{path} holds no interactions. Expected {expected}'),
  'data/changed': settled(
    '{file} has changed since its ingest was cut off at {done}. Run again with --restart to read it from the beginning',
  ),
  'data/interrupted': {
    message: 'Stopped as asked at {done} of {total} bytes. Run again to go on from there',
    status: 503,
    exit: 130,
    retryable: true,
  },
  'data/forgotten': bad(
    'Users of this batch who were forgotten for good: {count}. They are not taken in again: send it without them',
    422,
  ),
  'data/taken-over': conflict('Another ingest of {path} was started from the beginning and has taken over'),

  'export/exists': bad('{folder} is there already. {todo}'),
  'export/no-embeddings': bad('Version {version} ({model}) has no vectors to export. Leave embeddings out of --what'),
  'export/interrupted': {
    message: 'Stopped as asked. Nothing was written to {folder}; run again for the whole export',
    status: 503,
    exit: 130,
    retryable: true,
  },

  'reranking/no-feature': bad(
    "The re-ranker '{reranker}' goes by features of kind '{kind}', and no item has one. Kinds that there are: {known}. Name one of them in the pipeline, or ingest such features",
  ),
  'reranking/no-vectors': bad(
    "The re-ranker '{reranker}' compares items by vectors, and version {version} of {model} has none. Set its 'by' to features, or serve a version with vectors",
  ),

  'java/missing': unavailable(
    'No Java was found. Neo4j needs Java 17 or newer: install it (Debian: apt-get install openjdk-17-jre-headless) or set NEO4J_URI to a running server',
  ),
  'java/too-old': unavailable(
    'Java {found} at {path} is too old. Neo4j needs Java 17 or newer: install one, set JAVA_HOME to it, or set NEO4J_URI to a running server',
  ),
  'neo4j/fetch-failed': unavailable(
    'Neo4j {version} could not be fetched with Maven: {problem}. Install Maven (Debian: apt-get install maven), or set NEO4J_HOME to an installed server, or NEO4J_URI to a running one',
  ),
  'neo4j/corrupt-jars': broken(
    '{path} does not match its checksum even after being fetched again. Delete {folder} and check the Maven mirror',
  ),
  'neo4j/start-failed': unavailable('The managed Neo4j did not start within {seconds} s: {problem}. Its log: {log}'),
  'neo4j/import-failed': broken("Neo4j's importer ended with code {code}: {problem}. The graph is as empty as it was"),
  'neo4j/tool-failed': broken("Neo4j's administration tool ended with code {code} in '{task}': {problem}"),
  'neo4j/unreachable': told(
    unavailable('Neo4j at {uri} does not answer: {problem}. Check that the server runs and that NEO4J_URI is right'),
    'Neo4j does not answer: {told}',
  ),
  'neo4j/refused': told(
    unavailable('Neo4j at {uri} refused user {user}. Check NEO4J_USERNAME and NEO4J_PASSWORD'),
    'Neo4j does not let the server in',
  ),
  'neo4j/locked': conflict('Another process (id {pid}) holds {lock} since {since}. Wait for it, or end it'),
  'neo4j/query-failed': broken('Neo4j refused the statement {statement}: {problem}'),
  'neo4j/index-failed': broken(
    "Neo4j could not fill the vector index {name}; its log says why. 'SHOW INDEXES' shows it; publish again to build it anew",
  ),
  'neo4j/migration-changed': broken(
    'Migration {file} was applied with another content (checksum {applied}, now {now}). Restore the file: an applied migration never changes, add a new one',
  ),
  'neo4j/migration-newer': broken(
    'The database has migration {version}, which this program does not know. Use a newer Tastegraph',
  ),

  'query/unknown': missing("No query '{query}' in the catalogue. There are: {known}"),
  'query/parameter': bad("Parameter '{parameter}' of '{query}': {problem}", 422),
  'query/refused': bad('This Cypher is refused: {problem}', 422),
  'query/timeout': unavailable(
    "'{query}' took longer than {seconds} s and was ended. Ask for less, or allow more time",
  ),
  'query/memory': unavailable("'{query}' needed more memory than one query may have. Ask for less"),
  'query/free-off': {
    message:
      'Cypher of your own is not allowed here. Start the server with --free-cypher and a key or token, or use the command line',
    status: 403,
    exit: 2,
    retryable: false,
  },

  'rule/unknown': missing("No rule '{rule}'. There are: {known}"),
  'rule/refused': bad("Rule '{rule}' is not accepted: {problem}", 422),
  'rule/failed': unavailable("Rule '{rule}' could not be applied, and without it nothing is recommended: {problem}"),
  'pipeline/unknown': missing("No pipeline '{pipeline}'. There are: {known}"),
  'pipeline/unfit': bad("Pipeline '{pipeline}', {stage}: {problem}"),
  'gorse/no-recommender': missing("No {kind} recommender '{name}'. There are: {known}"),
  'filter/invalid': bad('The filter is not understood at character {position}: {problem}', 422),
  'filter/type': bad("The filter's '{comparison}' cannot be: {problem}", 422),
  'mapping/unknown': bad("mapping.{field}: the database has no {what} '{given}'. {known}"),
  'mapping/unfit': bad('mapping.{field}: {problem}. {todo}'),
  'mapping/none': bad('No mapping can be proposed: {problem}. {todo}'),
  'mapping/read-only': bad(
    'The graph is mapped: somebody else modelled it, and Tastegraph does not write {what}. {todo}',
    409,
  ),
  'mapping/unserved': bad(
    'The graph is mapped: somebody else modelled it, and its users, items, features and interactions are not served one by one. Ask the program that the graph is of',
    409,
  ),

  'snapshot/not-found': missing("No snapshot {digest} in {folder}. Make one with 'tastegraph snapshot'"),
  'snapshot/corrupt': broken('{path} does not match its checksum. Make the snapshot again'),
  'snapshot/format': broken(
    '{path} is a snapshot of format {found}, this program reads {known}. Make the snapshot again',
  ),
  'snapshot/empty': bad("The graph holds no interactions. Bring some in with 'tastegraph ingest PATH'"),
  'snapshot/empty-as-of': bad('There are no interactions at or before {moment}. Give a later --as-of'),
  'snapshot/no-given-split': bad(
    '--split given needs data that comes with a train and a test part. Use --split {others}',
  ),

  'compute/memory': broken(
    'The kernels need {needed} MiB, more than the {limit} MiB that WebAssembly can address. Use a smaller --dim',
  ),
  'compute/not-built': broken("{path} is missing. Build it with 'npm run build'"),
  'compute/worker-failed': broken('A compute worker stopped: {problem}'),
  'compute/device-absent': unavailable('--device {device} is not here: {problem}. {todo}'),
  'compute/tensorflow-broken': broken(
    "TensorFlow's addon {path} does not work: {problem}. 'tastegraph setup tensorflow' builds one that does, or use --device wasm",
  ),
  'compute/setup-needs': unavailable("TensorFlow's set-up needs {what}. {todo}"),
  'compute/setup-failed': unavailable('TensorFlow could not be set up. What failed was {step}: {problem}. {todo}'),
  'compute/setup-locked': conflict(
    'Another process (id {pid}) has been setting TensorFlow up since {since} and holds {lock}. Wait for it, or end it',
  ),

  'model/unknown': missing("No model '{name}'. There are: {known}"),
  'model/diverged': broken(
    'The loss became {loss} at epoch {epoch}, step {step}. Nothing was published; the last good state is {checkpoint}. Try a smaller --learning-rate',
  ),
  'training/checkpoint-mismatch': settled(
    'The checkpoint {path} is of another run ({difference}). Run without --resume, or with the options it was made with',
  ),
  'training/checkpoint-corrupt': broken('{path} does not match its checksum. Run without --resume'),
  'training/forgotten': conflict(
    'While {model} was trained, a user was forgotten whom it cannot be published without. Train again',
  ),
  'training/too-little-memory': bad('The training needs {needed} MiB ({parts}); {left} MiB are left {place}. {todo}'),
  'training/whole-table': bad(
    "Each step of this model changes all of its table '{table}', which must therefore lie in memory. Train with --embeddings memory",
  ),
  'training/table-file': broken(
    'The table file {path} cannot be used: {problem}. Make room on that disk, choose another --home, or train with --embeddings memory',
  ),
  'run/unknown': missing("No training run '{run}'. See 'tastegraph runs'"),
  'run/busy': conflict(
    'The training runs {running} are still at work, and this server has at most {most} at a time. Wait for one, stop one, or raise --max-trainings',
  ),
  'run/not-running': settled('The training run {run} is not at work: it is {state}'),
  'run/not-resumable': settled('The training run {run} cannot go on: {problem}. Start another'),
  'run/not-started': broken('The training did not start: {problem}'),
  'training/interrupted': {
    message: 'Stopped as asked. Resume with --resume',
    status: 503,
    exit: 130,
    retryable: true,
  },

  'map/no-vectors': bad(
    'Version {version} ({model}) has no vectors to draw a map of. Serve a version with vectors',
    409,
  ),
  'map/failed': broken('The map could not be made: {problem}'),

  'index/hnsw-absent': unavailable(
    "The HNSW index needs the package hnswlib-node, which is not here or was not compiled: {problem}. With a C++ compiler and Python, 'npm install hnswlib-node@3.0.0' brings it; or use --index int8",
  ),
  'index/build-failed': broken(
    'The HNSW index could not be made: {problem}. Answers come from a scan; or use --index int8',
  ),

  'explain/fixed-taste': bad(
    'What would be otherwise cannot be said: {problem}. Ask of a user with interactions, and of a version whose model reads them when it is asked',
    409,
  ),
  'explain/not-listed': bad(
    "Item '{item}' is at place {rank}, not among the first {limit}: there is nothing to take it out of. Ask for a longer list, or what would change it",
    409,
  ),
  'explain/no-node': missing("No node '{node}' of this explanation. Give an id as its graph has it"),

  'forget/locked': told(
    conflict(
      'Another process (id {pid}) has been forgetting a user since {since} and holds {lock}. Wait for it, or end it',
    ),
    'Another process has been forgetting a user since {since}. Wait for it',
  ),
  'forget/returned': conflict(
    'While the user was being forgotten, somebody brought them back. Run again, with --block so that nobody can',
  ),
  'forget/receipt': bad('{path} is no receipt of a forgotten user, or was changed since it was signed: {problem}'),
  'forget/interrupted': {
    message: 'Stopped as asked. Run again to go on from there',
    status: 503,
    exit: 130,
    retryable: true,
  },

  'user/unknown': missing("No user '{user}' in the published version"),
  'item/unknown': missing("No item '{item}' in the published version"),
  'user/not-in-graph': missing("No user '{user}' in the graph"),
  'item/not-in-graph': missing("No item '{item}' in the graph"),
  'interaction/not-in-graph': missing(
    "No interaction of type '{type}' of user '{user}' with item '{item}' in the graph",
  ),
  'feature/not-in-graph': missing("No feature of kind '{kind}' with value '{value}' in the graph"),
  'feature/exists': bad("There is a feature of kind '{kind}' with value '{value}' already", 409),
  'item/unseen': missing("Item '{item}' has no vector in version {version}: {problem}. Train again, or train pinsage"),

  ...accessErrors,
  ...backupErrors,
  ...experimentErrors,
  ...versionErrors,

  internal: broken('Unexpected: {problem}'),
} satisfies Record<string, Row>;

export type ErrorCode = keyof typeof errorTable;
export type ErrorDetails = Readonly<Record<string, string | number | bigint | boolean>>;

const rows: Readonly<Record<ErrorCode, Row>> = errorTable;

/** What the server alone is to know: where it keeps things, and whom it asks. */
const inner = /\{(path|folder|uri|lock|log|root|checkpoint|quarantine|pid|from)\}/;
/** What may hold anything. */
const unforeseen: ReadonlySet<ErrorCode> = new Set(['internal']);

const fill = (template: string, details: ErrorDetails): string =>
  template.replace(/\{(\w+)\}/g, (hole, name: string) => (name in details ? String(details[name]) : hole));

/** An error from the table. `details` fill the message and travel in JSON answers; they hold no secrets. */
export class TastegraphError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(fill(rows[code].message, details), cause === undefined ? undefined : { cause });
    this.name = 'TastegraphError';
    this.code = code;
    this.details = details;
  }

  /** The message for whoever asks over the network; undefined where it is the server's own matter. */
  get outside(): string | undefined {
    const { message, outside } = rows[this.code];
    if (outside !== undefined) return fill(outside, { told: 'it was asked in vain', ...this.details });
    const isOwn = unforeseen.has(this.code) || (inner.test(message) && this.code !== 'api/not-found');
    return isOwn ? undefined : this.message;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
  get exitCode(): number {
    return errorTable[this.code].exit;
  }
  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }
}

/** The message of anything that was thrown, on one line. */
export function problemOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\s+/g, ' ').trim();
}

/** The same for whoever asks over the network: of an error of the table no more than it says outside. */
export const toldOf = (thrown: unknown): string =>
  thrown instanceof TastegraphError ? (thrown.outside ?? "the server's own matter") : problemOf(thrown);

import type { CommandName } from '../options.ts';
import type { Command } from './command.ts';
import type { Word } from './words.ts';

export interface CommandEntry {
  readonly summary: string;
  readonly words: readonly Word[];
  readonly load: () => Promise<{ readonly default: Command }>;
}

const user: Word = { name: 'USER', description: 'Outside id of a user' };
const folder: Word = { name: 'FOLDER', description: 'Folder of the backup' };
const item: Word = { name: 'ITEM', description: 'Outside id of an item' };

/** Every command, in the order of the way of the data. What a command needs is loaded when it runs, so that help is fast. */
export const commands: Readonly<Record<CommandName, CommandEntry>> = {
  demo: {
    summary: 'The whole way at once, on a generated world or on --data',
    words: [],
    load: () => import('./demo.ts'),
  },
  doctor: {
    summary: 'What is here, what is missing, and the command that mends it',
    words: [],
    load: () => import('./doctor.ts'),
  },
  setup: {
    summary: 'Build native TensorFlow, the fastest way to train models with dense layers',
    words: [{ name: 'WHAT', description: 'tensorflow' }],
    load: () => import('./setup.ts'),
  },
  up: { summary: 'Start the managed Neo4j', words: [], load: () => import('./up.ts') },
  down: { summary: 'Stop the managed Neo4j', words: [], load: () => import('./down.ts') },
  status: {
    summary: 'The database, the snapshots and the published version',
    words: [],
    load: () => import('./status.ts'),
  },
  inspect: {
    summary: 'Look at a graph that somebody else modelled, and propose a mapping',
    words: [],
    load: () => import('./inspect.ts'),
  },
  ingest: {
    summary: 'Bring files into the graph; running it again changes nothing',
    words: [{ name: 'PATH', description: "Files and folders, or '-' for standard input", isMany: true }],
    load: () => import('./ingest.ts'),
  },
  export: {
    summary: 'Write the graph as Parquet, CSV or JSON Lines, which ingest reads back',
    words: [{ name: 'FOLDER', description: 'A new folder' }],
    load: () => import('./export.ts'),
  },
  snapshot: {
    summary: 'Take an immutable copy of the graph, or of --data',
    words: [],
    load: () => import('./snapshot.ts'),
  },
  reconcile: {
    summary: 'Find what others wrote into the graph without a mark, so that the next snapshot has it',
    words: [],
    load: () => import('./reconcile.ts'),
  },
  backup: {
    summary: 'Copy database, snapshots and versions into a folder, with checksums',
    words: [folder],
    load: () => import('./backup.ts'),
  },
  restore: {
    summary: 'Put a backup in their place, verified first and switched at once',
    words: [folder],
    load: () => import('./restore.ts'),
  },
  models: { summary: 'The models and their options', words: [], load: () => import('./models.ts') },
  train: {
    summary: 'Train a model on the graph, or on --data, and publish it',
    words: [{ name: 'MODEL', description: "A model of 'tastegraph models'" }],
    load: () => import('./train.ts'),
  },
  runs: {
    summary: 'The training runs: how each stands; one with its options and its curve',
    words: [{ name: 'RUN', description: 'A run; all where not given', isOptional: true }],
    load: () => import('./runs.ts'),
  },
  versions: {
    summary: 'List the published versions, promote one, roll back, remove one',
    words: [],
    load: () => import('./versions.ts'),
  },
  forget: {
    summary: 'Remove all that is kept of a user, with a signed receipt; --verify checks one',
    words: [{ name: 'USER', description: 'Outside id of a user; with --verify, the file of a receipt' }],
    load: () => import('./forget.ts'),
  },
  recommend: {
    summary: 'Items for a user, with reasons; for a session (--items) or a group (--group)',
    words: [{ ...user, isOptional: true }],
    load: () => import('./recommend.ts'),
  },
  similar: { summary: 'Items like an item', words: [item], load: () => import('./similar.ts') },
  vector: {
    summary: 'The vector of an item, also of one that came after the training',
    words: [item],
    load: () => import('./vector.ts'),
  },
  vectors: {
    summary: 'The vectors in the graph: slots, indexes, and how many nodes have one',
    words: [],
    load: () => import('./vectors.ts'),
  },
  lineage: {
    summary: 'Where versions come from: snapshot, options, metrics, what followed what',
    words: [{ name: 'VERSION', description: 'A version; all where not given', isOptional: true }],
    load: () => import('./lineage.ts'),
  },
  explain: {
    summary: 'Why an item suits a user, what it hangs on, what would change it, what connects several',
    words: [user, { ...item, isOptional: true }],
    load: () => import('./explain.ts'),
  },
  pipelines: {
    summary: 'The serving pipelines, stage by stage; fit NAME finds weights for learned fusion',
    words: [
      { name: 'ACTION', description: 'list (where not given) or fit', isOptional: true },
      { name: 'NAME', description: 'A pipeline', isOptional: true },
    ],
    load: () => import('./pipelines.ts'),
  },
  experiments: {
    summary: 'Users split between pipelines: list, report NAME; estimate PIPELINE, by what others drew',
    words: [
      { name: 'ACTION', description: 'list (where not given), report or estimate', isOptional: true },
      { name: 'NAME', description: 'An experiment; with estimate, a pipeline', isOptional: true },
    ],
    load: () => import('./experiments.ts'),
  },
  query: {
    summary: 'Ask the graph: a question of the catalogue (all of them without a name), or --cypher that only reads',
    words: [{ name: 'NAME', description: 'A question of the catalogue', isOptional: true }],
    load: () => import('./query.ts'),
  },
  rules: {
    summary: 'Rules that requests use by name: list, add NAME, show NAME, test NAME, remove NAME',
    words: [
      { name: 'ACTION', description: 'list (where not given), add, show, test or remove', isOptional: true },
      { name: 'NAME', description: 'A rule', isOptional: true },
    ],
    load: () => import('./rules.ts'),
  },
  keys: {
    summary: 'Keys to the API: list, create, rotate ID, revoke ID',
    words: [
      { name: 'ACTION', description: 'list (where not given), create, rotate or revoke', isOptional: true },
      { name: 'ID', description: 'Id of a key', isOptional: true },
    ],
    load: () => import('./keys.ts'),
  },
  serve: { summary: 'Serve recommendations over HTTP', words: [], load: () => import('./serve.ts') },
  openapi: {
    summary: 'The OpenAPI document of the API, for client generators; no server is needed',
    words: [],
    load: () => import('./openapi.ts'),
  },
};

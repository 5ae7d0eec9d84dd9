/**
 * Every option of every command, endpoint and model, written once: type, default, unit and reason.
 * Command-line flags (`--min-value`), environment (`TASTEGRAPH_MIN_VALUE`), the config file (`minValue`), REST validation,
 * OpenAPI and the README's table all come from here.
 */
import { z } from 'zod';
import { accessOption, keyOption } from './options/access.ts';
import { adminOption } from './options/admin.ts';
import { backupOption } from './options/backup.ts';
import { closedFormOption } from './options/closedForm.ts';
import { currentOption } from './options/current.ts';
import { dataOption } from './options/data.ts';
import { experimentsOption, shownOption } from './options/experiments.ts';
import { explainingOption } from './options/explaining.ts';
import { foldInOption } from './options/foldIn.ts';
import { forgetOption } from './options/forget.ts';
import { formatsOption } from './options/formats.ts';
import { holdingOption } from './options/holding.ts';
import { indexOption } from './options/index.ts';
import { layersOption } from './options/layers.ts';
import { lineageOption } from './options/lineage.ts';
import { lossesOption } from './options/losses.ts';
import { machineOption } from './options/machine.ts';
import { mappingOption } from './options/mapping.ts';
import { pipelinesOption } from './options/pipelines.ts';
import { restOption } from './options/rest.ts';
import { servingOption } from './options/serving.ts';
import { trainingOption } from './options/training.ts';
import { walksOption } from './options/walks.ts';

export { formats, splits } from './options/data.ts';
export { durationOf } from './options/duration.ts';
export type { DeclaredExperiments } from './options/experiments.ts';
export { connected, type Locale, locales, mostNodes } from './options/explaining.ts';
export { aggregates } from './options/foldIn.ts';
export { encodings, exportTables } from './options/formats.ts';
export type { IndexKind } from './options/index.ts';
export type { InteractionMeaning, InteractionMeanings, Mapping } from './options/mapping.ts';
export type { OptionMeta } from './options/meta.ts';
export {
  builtInPipeline,
  type DeclaredPipelines,
  type FuseOptions,
  type PipelineOptions,
  pipelineSchema,
  type RankOptions,
  type SourceKind,
  type SourceOptions,
} from './options/pipelines.ts';
export { type ConfigOf, type RerankerConfig, type RerankerKind, rerankerSchema } from './options/reranking.ts';

export const option = {
  ...machineOption,
  ...dataOption,
  ...currentOption,
  ...formatsOption,
  ...trainingOption,
  ...lossesOption,
  ...layersOption,
  ...walksOption,
  ...closedFormOption,
  ...servingOption,
  ...indexOption,
  ...pipelinesOption,
  ...explainingOption,
  ...experimentsOption,
  ...shownOption,
  ...foldInOption,
  ...restOption,
  ...holdingOption,
  ...lineageOption,
  ...adminOption,
  ...accessOption,
  ...keyOption,
  ...forgetOption,
  ...backupOption,
  ...mappingOption,
};

const everywhere = {
  home: option.home,
  config: option.config,
  json: option.json,
  quiet: option.quiet,
  logLevel: option.logLevel,
};
const neo4j = {
  neo4jUri: option.neo4jUri,
  neo4jUsername: option.neo4jUsername,
  neo4jPassword: option.neo4jPassword,
  neo4jDatabase: option.neo4jDatabase,
  heapMb: option.heapMb,
  pageCacheMb: option.pageCacheMb,
  mapping: option.mapping,
  writeBack: option.writeBack,
};
const files = {
  format: option.format,
  userColumn: option.userColumn,
  itemColumn: option.itemColumn,
  typeColumn: option.typeColumn,
  valueColumn: option.valueColumn,
  timeColumn: option.timeColumn,
  delimiter: option.delimiter,
  userFile: option.userFile,
  itemFile: option.itemFile,
  socialFile: option.socialFile,
  numberColumns: option.numberColumns,
  textColumns: option.textColumns,
  vectorColumns: option.vectorColumns,
  maxBadPercent: option.maxBadPercent,
};
const splitting = {
  split: option.split,
  testRatio: option.testRatio,
  validationRatio: option.validationRatio,
  minValue: option.minValue,
  interactions: option.interactions,
  seed: option.seed,
};
const scheduling = {
  schedule: option.schedule,
  warmupSteps: option.warmupSteps,
  decaySteps: option.decaySteps,
  decayRate: option.decayRate,
  finalRate: option.finalRate,
};
const training = {
  ...scheduling,
  clipNorm: option.clipNorm,
  embeddings: option.embeddings,
  cacheMb: option.cacheMb,
  epochs: option.epochs,
  patience: option.patience,
  evaluateEvery: option.evaluateEvery,
  samplers: option.samplers,
  source: option.source,
  resume: option.resume,
  refit: option.refit,
  publish: option.publish,
  metricsAt: option.metricsAt,
  threads: option.threads,
  device: option.device,
};
const listening = {
  host: option.host,
  port: option.port,
  token: option.token,
  maxBodyBytes: option.maxBodyBytes,
  maxUploadMb: option.maxUploadMb,
  requestTimeoutMs: option.requestTimeoutMs,
};
const recording = {
  impressions: option.impressions,
  keepImpressions: option.keepImpressions,
  impressionJournalMb: option.impressionJournalMb,
};
const administering = {
  freeCypher: option.freeCypher,
  freeCypherMemoryMb: option.freeCypherMemoryMb,
  ruleTimeoutMs: option.ruleTimeoutMs,
  maxRuleRows: option.maxRuleRows,
  maxTrainings: option.maxTrainings,
};

/** Pipelines over a version, and what they draw by. */
const piping = { version: option.version, pipelines: option.pipelines, seed: option.seed };
/** Where a snapshot comes from, and as of when. */
const reading = { data: option.data, ...files, full: option.full, asOf: option.asOf };

/** The options of each part of the program; commands and endpoints combine them. */
export const optionGroups = {
  everywhere: z.strictObject(everywhere),
  neo4j: z.strictObject(neo4j),
  files: z.strictObject(files),
  splitting: z.strictObject(splitting),
  scheduling: z.strictObject(scheduling),
  training: z.strictObject(training),
  listening: z.strictObject(listening),
  recording: z.strictObject(recording),
  administering: z.strictObject(administering),
  guarding: z.strictObject(accessOption),
  holding: z.strictObject(holdingOption),
};

export type EverywhereOptions = z.output<typeof optionGroups.everywhere>;
/** `writeBack` is for mapped graphs alone. */
export type Neo4jOptions = Omit<z.output<typeof optionGroups.neo4j>, 'writeBack'> & { readonly writeBack?: boolean };
export type FileOptions = z.output<typeof optionGroups.files>;
export type SplitOptions = z.output<typeof optionGroups.splitting>;
export type ScheduleOptions = z.output<typeof optionGroups.scheduling>;
export type TrainingOptions = z.output<typeof optionGroups.training>;
export type ListenOptions = z.output<typeof optionGroups.listening>;
export type RecordingOptions = z.output<typeof optionGroups.recording>;
export type AdminOptions = z.output<typeof optionGroups.administering>;
export type HoldingOptions = z.output<typeof optionGroups.holding>;
export type AccessOptions = z.output<typeof optionGroups.guarding>;

/** The options of each command, beside its positional words. */
export const commandOptions = {
  up: z.strictObject({ ...everywhere, ...neo4j }),
  down: z.strictObject({ ...everywhere }),
  status: z.strictObject({ ...everywhere, ...neo4j }),
  doctor: z.strictObject({ ...everywhere, ...neo4j }),
  ingest: z.strictObject({ ...everywhere, ...neo4j, ...files, restart: option.restart }),
  export: z.strictObject({
    ...everywhere,
    ...neo4j,
    as: option.as,
    what: option.what,
    version: option.version,
    overwrite: option.overwrite,
  }),
  snapshot: z.strictObject({ ...everywhere, ...neo4j, ...reading }),
  reconcile: z.strictObject({ ...everywhere, ...neo4j }),
  train: z.strictObject({ ...everywhere, ...neo4j, ...reading, ...splitting, ...training }),
  versions: z.strictObject({
    ...everywhere,
    ...neo4j,
    promote: option.promote,
    rollback: option.rollback,
    remove: option.remove,
  }),
  forget: z.strictObject({ ...everywhere, ...neo4j, ...forgetOption }),
  recommend: z.strictObject({
    ...everywhere,
    ...neo4j,
    version: option.version,
    limit: option.limit,
    index: option.index,
    explain: option.explain,
    anonymity: option.anonymity,
    locale: option.locale,
    filter: option.filter,
    rule: option.rule,
    ruleTimeoutMs: option.ruleTimeoutMs,
    pipelines: option.pipelines,
    pipeline: option.pipeline,
    ...experimentsOption,
    trace: option.trace,
    seed: option.seed,
    ...foldInOption,
  }),
  query: z.strictObject({
    ...everywhere,
    ...neo4j,
    param: option.param,
    limit: option.limit,
    timeout: option.timeout,
    cypher: option.cypher,
    freeCypherMemoryMb: option.freeCypherMemoryMb,
  }),
  rules: z.strictObject({
    ...everywhere,
    ...neo4j,
    kind: option.kind,
    cypher: option.cypher,
    user: option.user,
    param: option.param,
    ruleTimeoutMs: option.ruleTimeoutMs,
    maxRuleRows: option.maxRuleRows,
    freeCypherMemoryMb: option.freeCypherMemoryMb,
  }),
  similar: z.strictObject({
    ...everywhere,
    ...neo4j,
    version: option.version,
    filter: option.filter,
    limit: option.limit,
    index: option.index,
    from: option.from,
  }),
  vector: z.strictObject({ ...everywhere, ...neo4j, version: option.version }),
  explain: z.strictObject({
    ...everywhere,
    ...neo4j,
    version: option.version,
    rule: option.rule,
    ruleTimeoutMs: option.ruleTimeoutMs,
    whyNot: option.whyNot,
    ...explainingOption,
    limit: option.limit,
    filter: option.filter,
    pipelines: option.pipelines,
    pipeline: option.pipeline,
    ...experimentsOption,
    seed: option.seed,
  }),
  pipelines: z.strictObject({ ...everywhere, ...neo4j, ...piping }),
  experiments: z.strictObject({ ...everywhere, ...neo4j, ...piping, experiments: option.experiments, ...shownOption }),
  openapi: z.strictObject({ ...everywhere }),
  serve: z.strictObject({
    ...everywhere,
    ...neo4j,
    ...listening,
    ...recording,
    ...administering,
    ...accessOption,
    ...holdingOption,
    index: option.index,
    anonymity: option.anonymity,
    pipelines: option.pipelines,
    experiments: option.experiments,
  }),
  keys: z.strictObject({ ...everywhere, ...keyOption, tenants: option.tenants }),
  runs: z.strictObject({ ...everywhere }),
  demo: z.strictObject({
    ...everywhere,
    ...neo4j,
    data: option.data,
    ...files,
    ...splitting,
    ...training,
    ...listening,
    ...recording,
    exit: option.exit,
  }),
  vectors: z.strictObject({ ...everywhere, ...neo4j }),
  lineage: z.strictObject({ ...everywhere, ...neo4j }),
  backup: z.strictObject({ ...everywhere, ...neo4j, force: option.force }),
  restore: z.strictObject({ ...everywhere, ...neo4j, force: option.force }),
  models: z.strictObject({ ...everywhere }),
  setup: z.strictObject({ ...everywhere, gpu: option.gpu }),
  inspect: z.strictObject({ ...everywhere, ...neo4j, write: option.write }),
};

export type CommandName = keyof typeof commandOptions;
export type CommandOptions<C extends CommandName> = z.output<(typeof commandOptions)[C]>;

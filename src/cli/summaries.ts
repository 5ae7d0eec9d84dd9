/** What commands say to a person; the demo says the same. */
import type { IngestSummary } from '../graph/ingest.ts';
import type { ServerStatus } from '../graph/server.ts';
import type { Answer, BackupSummary, GroupAnswer, Newness, SessionAnswer } from '../pipeline.ts';
import type { Metrics } from '../training/result.ts';
import { formatBytes, formatCount, formatSeconds, formatTable, type Paint } from './terminal.ts';

/** What an ingest found and what it changed. */
export function ingestLines(summary: IngestSummary, paint: Paint): string {
  const {
    format,
    path,
    resumed,
    users,
    items,
    features,
    interactions,
    featureEdges,
    trust,
    refused,
    badLines,
    quarantine,
    seconds,
    rate,
  } = summary;
  const nodes = Object.entries({ users, items, features }).map(([name, { created, total }]) => [
    name,
    '',
    formatCount(created),
    '',
    formatCount(total),
  ]);
  const edges = Object.entries({ interactions, 'feature edges': featureEdges, trust }).map(
    ([name, { read, created, present }]) => [name, formatCount(read), formatCount(created), formatCount(present), ''],
  );
  const lines = [
    `${path} (${format})${resumed ? ', gone on with from where it was cut off' : ''}: ${formatSeconds(seconds)}, ${formatCount(rate)} edges/s`,
    '',
    formatTable(['', 'read', 'created', 'already there', 'in the graph'], [...nodes, ...edges], paint, 2),
  ];
  if (refused) lines.push('', `${formatCount(refused)} records of users who were forgotten for good were left out`);
  if (badLines > 0) lines.push('', `${formatCount(badLines)} bad lines lie in ${quarantine ?? 'no file'}`);
  return lines.join('\n');
}

/** Metrics of the model beside those of recommending what is popular. */
export function metricsTable(test: Metrics, popularity: Metrics, paint: Paint): string {
  const rows = Object.entries(test).map(([name, value]) => {
    const base = popularity[name];
    const gain = base ? `${value >= base ? '+' : ''}${(100 * (value / base - 1)).toFixed(0)} %` : '';
    return [name, value.toFixed(4), base?.toFixed(4) ?? '', gain];
  });
  return formatTable(['test part', 'model', 'popularity', 'gain'], rows, paint, 2);
}

/** How a database stands. */
export function databaseLines(status: ServerStatus, paint: Paint): string {
  const { managed, running, uri, pid, uptimeSeconds, version, edition, nodes, relationships, storeBytes } = status;
  const kind = managed ? 'managed' : 'named by NEO4J_URI';
  const rows = [['Neo4j', running ? `${paint.green('running')}, ${kind}` : `${paint.red('not running')}, ${kind}`]];
  if (uri !== undefined) rows.push(['  address', uri]);
  if (version !== undefined) rows.push(['  version', [version, edition].filter(Boolean).join(' ')]);
  if (pid !== undefined)
    rows.push(['  process', `${pid}${uptimeSeconds === undefined ? '' : `, up for ${formatSeconds(uptimeSeconds)}`}`]);
  if (nodes !== undefined && relationships !== undefined)
    rows.push(['  content', `${formatCount(nodes)} nodes, ${formatCount(relationships)} relationships`]);
  if (storeBytes !== undefined) rows.push(['  on disk', formatBytes(storeBytes)]);
  return formatTable(['', ''], rows, paint);
}

/** What was backed up or restored. */
export function backupLines(
  what: string,
  { folder, at, database, files, bytes, seconds }: BackupSummary,
  paint: Paint,
) {
  const rows = Object.entries(database?.content ?? {}).map(([name, count]) => [name, formatCount(count)]);
  const head = `${what} in ${formatSeconds(seconds)}: ${formatCount(files)} files, ${formatBytes(bytes)}, of ${at}`;
  return `${head}\n\n${rows.length > 0 ? `${formatTable(['', ''], rows, paint, 2)}\n\n` : ''}${paint.dim(folder)}`;
}

/** How long a person at a terminal waits for the graph's evidence, in ms. */
export const patientMs = 20_000;

/** A user's recommendations, each with its reasons below it. */
export function recommendationLines(
  { user, items, fallback, foldedIn, explanations, notes = [] }: Answer,
  paint: Paint,
): string {
  const lines = [paint.bold(`For user ${user}`)];
  if (fallback) lines[0] += ', of whom nothing is known yet: what most people chose';
  if (foldedIn) lines[0] += `, by ${itemsOf(foldedIn.interactions)} of her up to now`;
  if (items.length === 0) lines.push('  nothing is left to recommend');
  for (const note of notes) lines.push(`  ${paint.red(note)}`);
  items.forEach(({ title, id, score }, place) => {
    const shown = fallback ? `${formatCount(score)} people` : score.toFixed(3);
    lines.push(`${String(place + 1).padStart(4)}. ${title}  ${paint.dim(`${id === title ? '' : `${id}, `}${shown}`)}`);
    for (const reason of explanations[place]?.reasons ?? []) lines.push(`        ${paint.dim(reason)}`);
  });
  return lines.join('\n');
}

const itemsOf = (count: number): string => `${formatCount(count)} ${count === 1 ? 'item' : 'items'}`;

/** What a session is recommended, each item with its reason below it. */
export function sessionLines({ items, fallback, foldedIn, unknown }: SessionAnswer, paint: Paint): string {
  const of = foldedIn ? `by ${itemsOf(foldedIn.interactions)}` : 'which tells nothing: what most people chose';
  const lines = [`${paint.bold('For a session')}, ${of}`];
  if (unknown.length > 0) lines.push(paint.dim(`  not in the version: ${unknown.join(', ')}`));
  items.forEach(({ title, id, score, reasons }, place) => {
    const shown = fallback ? `${formatCount(score)} people` : score.toFixed(3);
    lines.push(`${String(place + 1).padStart(4)}. ${title}  ${paint.dim(`${id === title ? '' : `${id}, `}${shown}`)}`);
    for (const reason of reasons) lines.push(`        ${paint.dim(reason)}`);
  });
  return lines.join('\n');
}

/** What a group is recommended: how satisfied each member is, and what each item is worth to each. */
export function groupLines({ members, items, aggregate }: GroupAnswer, paint: Paint): string {
  const names = members.map(({ user }) => user);
  const worth = items.map(({ title, id, score, ratings }, place) => [
    String(place + 1),
    title,
    id,
    score.toFixed(3),
    ...ratings.map((rating) => rating.toFixed(2)),
  ]);
  const satisfied = ['', 'satisfied', '', '', ...members.map(({ satisfaction }) => satisfaction.toFixed(2))];
  const head = `${paint.bold(`For ${names.join(', ')}`)}, by ${aggregate}`;
  return `${head}\n\n${formatTable(['', 'title', 'item', 'score', ...names], [...worth, satisfied], paint, 3)}`;
}

/** What the vector of an item that came after the training is made of. */
export const unseenLine = ({ features, neighbours, how }: Newness): string =>
  `It came after the training: its vector is ${how === 'model' ? "the model's" : 'between those of items like it'}, from ${formatCount(features)} features and ${formatCount(neighbours)} neighbours`;

/** What the receipts of forgotten users say to a person. */
import { join } from 'node:path';
import type { SignedReceipt, VerifiedReceipt } from '../pipeline.ts';
import { formatCount, formatTable, type Paint } from './terminal.ts';

/** What was removed, what proves it, what remains. */
export function receiptLines({ receipt, publicKey }: SignedReceipt, home: string, paint: Paint): string {
  const { known, removed, proof, influenced, free, blocked, beyond, operation, earlier } = receipt;
  const { graph, snapshots, versions, withdrawn, checkpoints, quarantineLines } = removed;
  const kinds = Object.entries(graph ?? {}).map(([kind, count]) => [kind, formatCount(count)]);
  const rows = [
    ...kinds,
    ['snapshots', formatCount(snapshots.length)],
    ['versions', formatCount(versions.length)],
    ...(withdrawn.length > 0 ? [['versions withdrawn', withdrawn.join(' ')]] : []),
    ['checkpoints', formatCount(checkpoints.length)],
    ['quarantined lines', formatCount(quarantineLines)],
  ];
  const before = earlier.length > 0 ? ` It was forgotten before: ${earlier.length} times.` : '';
  const head = known
    ? paint.bold('The user is forgotten.')
    : `${paint.bold('Nobody is known by this id.')} What could have been left was looked for.${before}`;
  const { nodes, relationships, vectors } = proof.graph ?? { nodes: 0, relationships: 0, vectors: 0 };
  const files = proof.files
    ? `, ${formatCount(proof.files.holding.length)} of ${formatCount(proof.files.scanned)} files${proof.files.holding.map((path) => ` ${path}`).join('')}`
    : '';
  const lines = [
    head,
    '',
    formatTable(['removed', ''], rows, paint, 1),
    '',
    `Left: ${nodes} nodes, ${relationships} relationships, ${vectors} vectors, ${proof.snapshots} snapshots, ${proof.versions} versions${files}`,
    influenceLine(influenced, free),
    ...(blocked ? ['An ingest leaves the user out from now on, and a request is refused.'] : []),
    ...beyond.map((sentence) => paint.dim(sentence)),
    '',
    `Receipt: ${join(home, 'forgotten', 'receipts', `${operation}.json`)}, signed with the key ${publicKey}`,
  ];
  return lines.join('\n');
}

/** Whether a receipt holds, and how the versions stand now. */
export function verifiedLines({ receipt, own, publicKey, versions }: VerifiedReceipt, paint: Paint): string {
  const by = own ? "this home's key" : paint.red("another key than this home's");
  return [
    `${paint.green('The signature holds')}: by ${by}, ${publicKey}`,
    `Forgotten ${receipt.finishedAt.slice(0, 19).replace('T', ' ')} UTC: ${receipt.key}`,
    influenceLine(versions.influenced, versions.free),
    ...(versions.returned.length > 0
      ? [`Trained with the user, who was brought back: ${versions.returned.join(' ')}`]
      : []),
    ...(versions.current ? [`The current version is ${inWords[versions.current]}.`] : []),
  ].join('\n');
}

const inWords = { influenced: 'one that learned from them', free: 'free of them', returned: 'one that has them again' };

function influenceLine(influenced: readonly string[], free: readonly string[]): string {
  const learned =
    influenced.length > 0 ? `Versions that learned from them: ${influenced.join(' ')}` : 'No version learned from them';
  const none = influenced.length > 0 ? 'none free of them yet: train again' : 'none is published';
  return `${learned}; ${free.length > 0 ? `free of them: ${free.join(' ')}` : none}`;
}

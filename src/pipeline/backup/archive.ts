/** A backup on disk: a folder with `manifest.json`, which has the SHA-256 of every file, and what those files are of. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { sha256, sha256File, syncFolder, writeSynced } from '../../durable.ts';
import { TastegraphError } from '../../errors.ts';
import type { Report } from '../../progress.ts';

const manifestName = 'manifest.json';
const size = z.number().int().min(0);
const fileSchema = z.strictObject({
  // From the folder, with '/' between names; none begins with a dot, so nothing leaves the folder.
  path: z.string().regex(/^[^./\\][^/\\]*(\/[^./\\][^/\\]*)*$/),
  bytes: size,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const manifestSchema = z.strictObject({
  format: z.literal('tastegraph-backup'),
  version: z.literal(1),
  /** When it was begun, ISO 8601. */
  at: z.string(),
  /** Of the program that made it. */
  program: z.string(),
  /** Absent where the home had no database. */
  database: z
    .strictObject({
      /** Release of the server: an older one cannot load it. */
      neo4j: z.string(),
      content: z.strictObject({ nodes: size, relationships: size, users: size, items: size, interactions: size }),
    })
    .optional(),
  files: z.array(fileSchema),
  /** SHA-256 of all the rest as JSON. */
  sha256: z.string(),
});

export type ArchivedFile = z.output<typeof fileSchema>;
export type BackupManifest = Omit<z.output<typeof manifestSchema>, 'sha256'>;

/** Writes the manifest, which makes a folder a backup. */
export function writeManifest(folder: string, manifest: BackupManifest): void {
  const sealed = { ...manifest, sha256: sha256(JSON.stringify(manifest)) };
  writeSynced(join(folder, manifestName), `${JSON.stringify(sealed, null, 1)}\n`);
  syncFolder(folder);
}

/** Errors: backup/not-found, backup/corrupt. */
export function readManifest(folder: string): BackupManifest {
  const path = join(folder, manifestName);
  if (!existsSync(path)) throw new TastegraphError('backup/not-found', { folder });
  try {
    const { sha256: seal, ...manifest } = manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    if (sha256(JSON.stringify(manifest)) !== seal) throw new Error('the seal is broken');
    return manifest;
  } catch (cause) {
    throw new TastegraphError('backup/corrupt', { path }, cause);
  }
}

/** Reads every file of a backup and compares it. Errors: backup/corrupt (names the file); the signal's reason. */
export async function verifyFiles(
  folder: string,
  files: readonly ArchivedFile[],
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const tell = teller('comparing checksums', files, report);
  for (const file of files) {
    signal.throwIfAborted();
    const path = join(folder, file.path);
    const held = statSync(path, { throwIfNoEntry: false });
    if (held?.size !== file.bytes || (await sha256File(path)) !== file.sha256) {
      throw new TastegraphError('backup/corrupt', { path });
    }
    tell(file);
  }
}

/** Copies files of a backup out of it, and compares what was copied. Errors: backup/corrupt; the signal's reason. */
export async function copyOut(
  folder: string,
  files: readonly ArchivedFile[],
  to: string,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const tell = teller('copying', files, report);
  for (const file of files) {
    signal.throwIfAborted();
    const path = join(folder, file.path);
    if ((await copyFile(path, join(to, file.path))).sha256 !== file.sha256) {
      throw new TastegraphError('backup/corrupt', { path });
    }
    tell(file);
  }
}

/** Copies a folder of the home into a backup. What is being written there, or was left by a crash, is not copied. */
export async function copyIn(home: string, part: string, to: string, report: Report, signal: AbortSignal) {
  const paths = filesBelow(home, part).map((path) => ({ path, bytes: statSync(join(home, path)).size }));
  const tell = teller(`copying ${part}`, paths, report);
  const copied: ArchivedFile[] = [];
  for (const file of paths) {
    signal.throwIfAborted();
    copied.push({ path: file.path, ...(await copyFile(join(home, file.path), join(to, file.path))) });
    tell(file);
  }
  return copied;
}

/** A file that lies in a backup already. */
export async function archived(folder: string, path: string): Promise<ArchivedFile> {
  const whole = join(folder, path);
  const file = await open(whole, 'r');
  await file.sync().finally(() => file.close());
  return { path, bytes: statSync(whole).size, sha256: await sha256File(whole) };
}

/** Waits until every file below a folder, whoever wrote it, lies on the disk. */
export async function syncBelow(folder: string): Promise<void> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncBelow(path);
    else if (entry.isFile()) {
      const file = await open(path, 'r+');
      await file.sync().finally(() => file.close());
    }
  }
  syncFolder(folder);
}

/** Paths from `root`, ascending, with '/' between names; names with a dot in front and `.tmp` behind are files of the moment. */
function filesBelow(root: string, part: string): string[] {
  if (!existsSync(join(root, part))) return [];
  return readdirSync(join(root, part), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && !name.endsWith('.tmp'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${part}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(root, path) : [path];
    });
}

/** Copies a file, waits until it lies on the disk, and answers what was copied. */
async function copyFile(from: string, to: string): Promise<Omit<ArchivedFile, 'path'>> {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(to, 'wx', 0o600);
  try {
    for await (const chunk of createReadStream(from, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      await file.writeFile(chunk as Buffer);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

function teller(phase: string, files: readonly { readonly bytes: number }[], report: Report) {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  report({ phase, done, total, unit: 'bytes' });
  return ({ bytes }: { readonly bytes: number }): void => {
    done += bytes;
    report({ phase, done, total, unit: 'bytes' });
  };
}

/** Errors of backups, and of restoring one. */
import { bad, broken, conflict, missing, type Row } from './rows.ts';

export const backupErrors = {
  'backup/exists': bad('{folder} is there already and not empty. Name a folder that is not'),
  'backup/not-found': missing('{folder} holds no backup (no manifest.json)'),
  'backup/corrupt': broken(
    '{path} does not match its checksum, or is missing. Nothing was changed; take another backup',
  ),
  'backup/differs': broken(
    'The restored database has {found} {what}, the backup says {wanted}. Nothing was changed; with --force it is taken as it is',
  ),
  'backup/in-use': conflict(
    '{others} others are connected to the database, which must stand still. End them, or cut them off with --force',
  ),
  'backup/not-managed': bad(
    "Only the managed Neo4j is backed up and restored, not the one of NEO4J_URI: use that server's 'neo4j-admin database dump' and 'load'",
  ),
  'backup/other-disk': bad(
    '{folder} lies on another disk than {root}, so a restore could not switch to it at once. Move it, or use another --home',
  ),
  'backup/interrupted': {
    message: 'Stopped as asked. The home is as it was',
    status: 503,
    exit: 130,
    retryable: true,
  },
} satisfies Record<string, Row>;

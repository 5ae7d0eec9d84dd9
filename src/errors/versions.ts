/** Errors of published versions, and of switching between them. */
import { broken, conflict, missing, type Row, settled, told, unavailable } from './rows.ts';

export const versionErrors = {
  'version/none': unavailable("Nothing is published yet. Train a model first: 'tastegraph train lightgcn'"),
  'version/not-found': told(
    missing("No version '{version}' in {folder}. See 'tastegraph versions'"),
    "No version '{version}'. See 'tastegraph versions'",
  ),
  'version/no-lineage': missing(
    "The graph knows no version '{version}': it was trained on files, or on another database. See 'tastegraph lineage'",
  ),
  'version/is-current': settled(
    '{version} is the current version. Make another one current first: tastegraph versions --promote OTHER',
  ),
  'version/no-slot': settled(
    "The graph holds no vectors of version {version}. 'tastegraph vectors' shows which it holds; 'tastegraph versions --promote {version}' writes them",
  ),
  'version/locked': told(
    conflict('Another process (id {pid}) has been publishing since {since} and holds {lock}. Wait for it, or end it'),
    'Another process has been publishing since {since}. Wait for it',
  ),
  'version/first': settled('{version} is the first version that was ever current: there is none to roll back to'),
  'version/corrupt': told(
    broken("{path} does not match its checksum. Roll back with 'tastegraph versions --promote OTHER'"),
    "The version's files do not match their checksums. Roll back with 'tastegraph versions --promote OTHER'",
  ),
} satisfies Record<string, Row>;

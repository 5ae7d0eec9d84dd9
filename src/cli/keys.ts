import { TastegraphError } from '../errors.ts';
import { type CommandOptions, durationOf } from '../options.ts';
import { auditCommand, type KeyRecord, keysOf, type NewKey } from '../pipeline.ts';
import { type Answer, type Context, command } from './command.ts';
import { formatTable } from './terminal.ts';

type Options = CommandOptions<'keys'>;
type Action = (options: Options, id: string, context: Context) => Promise<Answer>;

const missing = (name: string, todo: string) => new TastegraphError('options/missing', { name, todo });
const momentOf = (at: number | undefined): string =>
  at === undefined ? '–' : new Date(at).toISOString().slice(0, 19).replace('T', ' ');

const list: Action = async (options, _, { print, paint }) => {
  const keys = await keysOf(options).list(options.tenant);
  const rows = keys.map(({ id, name, scopes, tenant, state, at, expiresAt }) => [
    paint.cyan(id),
    name,
    scopes.join(', '),
    tenant ?? '–',
    state,
    momentOf(at),
    momentOf(expiresAt),
  ]);
  const heads = ['key', 'name', 'scopes', 'tenant', 'state', 'made (UTC)', 'expires (UTC)'];
  print(rows.length > 0 ? formatTable(heads, rows, paint) : paint.dim('no keys'));
  return { keys };
};

const create: Action = async (options, _, context) => {
  const { name, scope: scopes, tenant, tenants, expires } = options;
  if (name === undefined) throw missing('--name', 'Say what the key is for, so that it can be told from others later');
  if (scopes === undefined) throw missing('--scope', 'Say what the key may: read, write, admin, or several of them');
  if (tenant !== undefined && !(tenant in tenants)) throw new TastegraphError('tenant/unknown', { name: tenant });
  const expiresAt = expires === undefined ? undefined : Date.now() + durationOf(expires);
  return await shown(
    'keys create',
    options,
    await keysOf(options).create({ name, scopes, tenant, expiresAt }),
    context,
  );
};

const rotate: Action = async (options, id, context) =>
  await shown('keys rotate', options, await keysOf(options).rotate(id, durationOf(options.grace)), context);

const revoke: Action = async (options, id, { print, paint }) => {
  const key = await keysOf(options).revoke(id);
  await auditCommand(options, 'keys revoke', key);
  print(`The key ${paint.bold(id)} (${key.name}) opens nothing any more`);
  return { key };
};

const actions: Readonly<Record<string, Action>> = { list, create, rotate, revoke };

/** The one moment at which a key is seen: on standard output alone, so that it can be piped where it belongs. */
async function shown(what: string, options: Options, key: NewKey, { print, paint }: Context): Promise<Answer> {
  await auditCommand(options, what, key);
  print(key.key);
  print(paint.dim(`${about(key)}. It is shown this once: keep it where secrets are kept`));
  return { ...key };
}

const about = ({ id, name, scopes, tenant, expiresAt }: KeyRecord): string =>
  `Key ${id} (${name}): ${scopes.join(', ')}${tenant === undefined ? '' : `, tenant ${tenant}`}${expiresAt === undefined ? '' : `, until ${momentOf(expiresAt)} UTC`}`;

export default command('keys', async (options, context) => {
  const [action = 'list', id] = context.words;
  const act = actions[action];
  if (!act) {
    const known = Object.keys(actions).join(' ');
    throw new TastegraphError('options/unknown', { name: action, where: "'tastegraph keys'", hint: '', known });
  }
  const isAboutOne = action === 'rotate' || action === 'revoke';
  if (isAboutOne && id === undefined) throw missing('ID', `Usage: tastegraph keys ${action} ID`);
  return await act(options, id ?? '', context);
});

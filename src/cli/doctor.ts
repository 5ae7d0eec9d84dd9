import { checkDatabase } from '../pipeline.ts';
import { command } from './command.ts';
import { checkMachine } from './machine.ts';
import { formatTable } from './terminal.ts';

export default command('doctor', async (options, { print, paint, exitWith }) => {
  const [machine, database] = await Promise.all([checkMachine(options), checkDatabase(options)]);
  const checks = [...machine, ...database];
  const missing = checks.filter(({ ok }) => !ok);
  const rows = checks.map(({ name, ok, found, needed }) => [
    ok ? paint.green('✓') : paint.red('✗'),
    name,
    found,
    needed,
  ]);
  print(formatTable(['', '', 'found', 'needed'], rows, paint));
  const hints = checks.filter(({ mend }) => mend !== undefined);
  if (hints.length)
    print(
      `\n${formatTable(
        ['', '', ''],
        hints.map(({ name, ok, mend }) => [ok ? paint.dim('better') : paint.red('mend'), name, mend ?? '']),
        paint,
      )}`,
    );
  print(
    missing.length
      ? `\n${paint.red(`Missing: ${missing.map(({ name }) => name).join(', ')}`)}`
      : `\n${paint.green('Everything that is needed is here')}`,
  );
  if (missing.length) exitWith(1);
  return { ok: missing.length === 0, checks };
});

import { type VectorSlot, vectorSlots } from '../pipeline.ts';
import { command } from './command.ts';
import { formatCount, formatTable } from './terminal.ts';

export default command('vectors', async (options, { run, print, paint }) => {
  const answer = await vectorSlots(options, run);
  const { slots, users, items } = answer;
  const share = (part: number, all: number) =>
    `${formatCount(part)} of ${formatCount(all)}${all > 0 ? ` (${((100 * part) / all).toFixed(1)} %)` : ''}`;
  const indexes = (slot: VectorSlot) =>
    slot.indexes.length === 0
      ? 'none'
      : slot.indexes
          .map(({ name, state, percent }) => `${name} ${state === 'ONLINE' ? 'online' : `${state} ${percent} %`}`)
          .join(', ');
  const rows = slots.map((slot) => [
    slot.current ? '→' : '',
    slot.slot,
    slot.version ?? '–',
    String(slot.indexes[0]?.dimensions ?? '–'),
    share(slot.users, users),
    share(slot.items, items),
    indexes(slot),
  ]);
  print(formatTable(['', 'slot', 'version', 'dim', 'users', 'items', 'indexes (cosine)'], rows, paint));
  if (!slots.some(({ current }) => current))
    print(`No version's vectors are in the graph: ${paint.cyan('tastegraph train lightgcn')} writes them`);
  return { ...answer };
});

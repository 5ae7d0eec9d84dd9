/** What every source of subgraphs must give, wherever the graph lies, checked against the relations as plain matrices. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SubgraphBatch } from '../../src/sampling/neighbours.ts';
import type { Relation, Snapshot } from '../../src/sampling/snapshot.ts';
import type { Sampler } from '../../src/sampling/source.ts';
import { kindsOf, nodeNumbers } from '../../src/sampling/typedGraph.ts';

export interface ContractOptions {
  readonly seeds: Int32Array;
  readonly times?: Float64Array;
  readonly relations: readonly Relation[];
  readonly fanouts: readonly number[];
  readonly batchSize: number;
  readonly replace?: boolean;
  readonly pick?: 'uniform' | 'recent';
}

export interface OpenedSampler {
  readonly sampler: Sampler<SubgraphBatch>;
  close(): Promise<void>;
}

/** A batch of its own, since streams reuse their rooms. */
export function copyOf({ seeds, places, nodes, roots, blocks }: SubgraphBatch): SubgraphBatch {
  return {
    seeds: seeds.slice(),
    places: places.slice(),
    nodes: nodes.slice(),
    ...(roots && { roots: roots.slice() }),
    blocks: blocks.map((block) => ({
      ...block,
      offsets: block.offsets.slice(),
      indices: block.indices.slice(),
      ...(block.kinds && { kinds: block.kinds.slice() }),
    })),
  };
}

/** Takes an epoch whole. */
export async function epochOf(sampler: Sampler<SubgraphBatch>, epoch: number): Promise<SubgraphBatch[]> {
  const batches: SubgraphBatch[] = [];
  for await (const batch of sampler.batches(epoch, new AbortController().signal)) batches.push(copyOf(batch));
  return batches;
}

export function samplerContract(
  name: string,
  snapshot: () => Snapshot,
  open: (snapshot: Snapshot, options: ContractOptions) => Promise<OpenedSampler>,
): void {
  describe(`subgraphs from ${name}`, () => {
    let world: Snapshot;
    const opened: OpenedSampler[] = [];
    const take = async (options: ContractOptions) => {
      const sampler = await open(world, options);
      opened.push(sampler);
      return sampler.sampler;
    };
    beforeAll(() => {
      world = snapshot();
    });
    afterAll(async () => {
      for (const sampler of opened) await sampler.close();
    });
    const allNodes = () => Int32Array.from({ length: nodeNumbers(world).total }, (_, node) => node);
    const relations: Relation[] = ['user-item', 'item-user', 'item-feature', 'user-user'];
    /** First interaction of each pair, by 'user item'. */
    const firstTimes = () => {
      const { count, users, items, at } = world.interactions;
      const times = new Map<string, number>();
      for (let n = count - 1; n >= 0; n--) times.set(`${users[n]} ${items[n]}`, at[n]!);
      return times;
    };

    it.each([
      { replace: false, timed: false },
      { replace: true, timed: false },
      { replace: false, timed: true },
    ])('are made of edges of the graph, within the fan-outs: $replace, $timed', async ({ replace, timed }) => {
      const { first, count, total } = nodeNumbers(world);
      const seeds = allNodes();
      const { at } = world.interactions;
      const times = Float64Array.from(seeds, (node) => at[(node * 31) % at.length]!);
      const fanouts = [3, 2];
      const sampler = await take({ seeds, relations, fanouts, batchSize: 17, replace, ...(timed && { times }) });
      const batches = await epochOf(sampler, 0);
      const met = firstTimes();
      expect(batches).toHaveLength(sampler.batchesPerEpoch);
      expect(sampler.batchesPerEpoch).toBe(Math.ceil(total / 17));
      const seen = batches.flatMap((batch) => [...batch.seeds]);
      expect(seen.sort((a, b) => a - b)).toEqual([...seeds]);
      for (const { seeds: own, places, nodes, roots, blocks } of batches) {
        expect(Array.from(places, (place) => nodes[place])).toEqual([...own]);
        const keys = Array.from(nodes, (node, place) => `${node} ${roots?.[place]}`);
        expect(new Set(keys).size).toBe(nodes.length);
        expect(roots !== undefined).toBe(timed);
        for (const [h, block] of blocks.entries()) {
          expect(block.cols).toBe(blocks[h + 1]?.rows ?? nodes.length);
          const used = block.indices.reduce((most, place) => Math.max(most, place + 1), block.rows);
          expect(used).toBe(block.cols);
          for (let row = 0; row < block.rows; row++) {
            const picked = new Map<number, number[]>();
            const source = nodes[row]!;
            for (let e = block.offsets[row]!; e < block.offsets[row + 1]!; e++) {
              const kind = block.kinds?.[e] ?? 0;
              const target = nodes[block.indices[e]!]!;
              picked.set(kind, [...(picked.get(kind) ?? []), target]);
            }
            for (const [kind, relation] of relations.entries()) {
              const [from, to] = kindsOf(relation);
              const targets = picked.get(kind) ?? [];
              const local = source - first[from];
              if (local < 0 || local >= count[from]) {
                expect(targets).toEqual([]);
                continue;
              }
              const { offsets, indices } = world.relation(relation);
              const until = roots ? times[own[roots[row]!]!]! : Number.POSITIVE_INFINITY;
              const isSeen = (neighbour: number): boolean => {
                if (relation !== 'user-item' && relation !== 'item-user') return true;
                const pair = relation === 'user-item' ? `${local} ${neighbour}` : `${neighbour} ${local}`;
                return met.get(pair)! <= until;
              };
              const allowed = [...indices.subarray(offsets[local], offsets[local + 1])].filter(isSeen);
              expect(targets.filter((target) => !allowed.includes(target - first[to]))).toEqual([]);
              if (replace) expect(targets).toHaveLength(allowed.length === 0 ? 0 : fanouts[h]!);
              else {
                expect(targets).toHaveLength(Math.min(allowed.length, fanouts[h]!));
                expect(new Set(targets).size).toBe(targets.length);
              }
            }
          }
        }
      }
    });

    it('takes the latest neighbours where that is asked', async () => {
      const seeds = Int32Array.from({ length: world.users.count }, (_, user) => user);
      const { users, items, at, count } = world.interactions;
      const times = Float64Array.from(seeds, (user) => at[(user * 7) % count]!);
      const sampler = await take({
        seeds,
        times,
        relations: ['user-item'],
        fanouts: [3],
        batchSize: 5,
        pick: 'recent',
      });
      const met = firstTimes();
      for (const { seeds: own, nodes, blocks } of await epochOf(sampler, 0)) {
        for (const [row, user] of own.entries()) {
          const seen = new Set<number>();
          for (let n = 0; n < count; n++) if (users[n] === user && at[n]! <= times[user]!) seen.add(items[n]!);
          const moments = [...seen].map((item) => met.get(`${user} ${item}`)!).sort((a, b) => b - a);
          const found = [...blocks[0]!.indices.subarray(blocks[0]!.offsets[row], blocks[0]!.offsets[row + 1])];
          expect(found.map((place) => met.get(`${user} ${nodes[place]! - world.users.count}`))).toEqual(
            moments.slice(0, 3),
          );
        }
      }
    });

    it('stop with the reason of the signal', async () => {
      const sampler = await take({ seeds: allNodes(), relations, fanouts: [2], batchSize: 3 });
      const stop = new AbortController();
      const reason = new Error('stopped');
      const taking = (async () => {
        for await (const { seeds } of sampler.batches(0, stop.signal)) if (seeds.length > 0) stop.abort(reason);
      })();
      await expect(taking).rejects.toBe(reason);
      // And can be taken again.
      expect(await epochOf(sampler, 1)).toHaveLength(sampler.batchesPerEpoch);
    });
  });
}

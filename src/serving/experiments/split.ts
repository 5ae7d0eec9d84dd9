/** Who is in which arm of an experiment: by a hash, so that it is always the same, on any machine, and nothing need be remembered. */
import { createHash } from 'node:crypto';
import { TastegraphError } from '../../errors.ts';
import type { DeclaredExperiments } from '../../options.ts';

export interface Arm {
  readonly name: string;
  readonly pipeline: string;
  /** Of the users, more than 0. */
  readonly share: number;
}

export interface Experiment {
  readonly name: string;
  readonly salt: string;
  /** The arm that the others are compared with. */
  readonly control: string;
  /** By name, so that the order of a file changes nobody's arm. */
  readonly arms: readonly Arm[];
}

/** The arm of one request. */
export interface Assignment extends Arm {
  readonly experiment: string;
  /** Where the user's hash lies, from 0 to 1. */
  readonly point: number;
  /** There, where another arm than hers was asked for. */
  readonly forced?: true;
}

/** Errors: experiment/unfit. */
export function openExperiments(
  declared: DeclaredExperiments | undefined,
  pipelines: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, Experiment> {
  return new Map(
    Object.entries(declared ?? {}).map(([experiment, { arms, salt = experiment, control = Object.keys(arms)[0]! }]) => {
      for (const [arm, { pipeline }] of Object.entries(arms)) {
        if (pipelines.has(pipeline)) continue;
        const known = [...pipelines.keys()].join(', ');
        throw new TastegraphError('experiment/unfit', { experiment, arm, pipeline, known });
      }
      const sorted = Object.entries(arms).sort(([one], [other]) => (one < other ? -1 : 1));
      return [experiment, { name: experiment, salt, control, arms: sorted.map(([name, arm]) => ({ name, ...arm })) }];
    }),
  );
}

/** From 0 to 1, as if drawn evenly: the first 48 bits of SHA-256 over the salt, a zero byte and the user's id. */
export function pointOf(user: string, salt: string): number {
  return createHash('sha256').update(`${salt}\0${user}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** The arm whose part of the line from 0 to 1 holds the user's point; or the one that is asked for. Errors: experiment/unknown-arm. */
export function armOf({ name: experiment, salt, arms }: Experiment, user: string, asked?: string): Assignment {
  const point = pointOf(user, salt);
  if (asked !== undefined) {
    const arm = arms.find(({ name }) => name === asked);
    if (arm) return { experiment, ...arm, point, forced: true };
    const known = arms.map(({ name }) => name).join(', ');
    throw new TastegraphError('experiment/unknown-arm', { experiment, arm: asked, known });
  }
  let end = 0;
  const own = arms.find(({ share }) => {
    end += share;
    return point < end;
  });
  return { experiment, ...(own ?? arms.at(-1)!), point }; // Shares that sum to a little less than 1 leave the end to the last.
}

/** Errors: experiment/unknown. */
export function experimentOf(experiments: ReadonlyMap<string, Experiment>, name: string): Experiment {
  const found = experiments.get(name);
  if (found) return found;
  const known = [...experiments.keys()].join(', ') || 'none';
  throw new TastegraphError('experiment/unknown', { experiment: name, known });
}

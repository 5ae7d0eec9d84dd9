/** What an experiment has shown so far: for each arm who was shown how much and took how much of it, beside the control. */
import { RandomStream } from '../../random.ts';
import type { Experiment } from './split.ts';
import {
  chiSquare,
  difference,
  type Estimate,
  type Fit,
  lift,
  percentiles,
  resampledSums,
  twoProportions,
  wilson,
} from './statistics.ts';

/** What one user was shown in one arm, and took within the window. */
export interface ArmUser {
  readonly user: string;
  readonly arm: string;
  /** Lists. */
  readonly answers: number;
  /** Items in them. */
  readonly impressions: number;
  /** Of these, those that were taken. */
  readonly taken: number;
}

export interface Comparison {
  /** This arm's less the control's. */
  readonly difference: Estimate;
  /** The difference as a share of the control's; absent where either is 0. */
  readonly lift?: Estimate;
}

export interface ArmReport {
  readonly arm: string;
  readonly pipeline: string;
  readonly share: number;
  readonly isControl: boolean;
  readonly users: number;
  readonly answers: number;
  readonly impressions: number;
  readonly taken: number;
  /**
   * Taken of what was shown; its interval by a bootstrap over users, who are what was drawn. Where nothing was taken, or all, samples are
   * all alike: it is then Wilson's over users.
   */
  readonly rate: Estimate;
  /** Users who took something at all. */
  readonly converted: number;
  /** Their share; its interval is Wilson's. */
  readonly conversion: Estimate;
  /** There for all but the control. */
  readonly beside?: {
    readonly rate: Comparison;
    /** `p`: how often two equal arms would differ as much. */
    readonly conversion: Comparison & { readonly p: number };
  };
}

export interface ExperimentReport {
  readonly experiment: string;
  readonly arms: readonly ArmReport[];
  /** Whether users are in the arms as the shares say. */
  readonly sampleRatio: Fit & { readonly isMismatch: boolean };
  /** Users who were shown lists of several arms, as after a change of shares: they tell of none and are not counted. */
  readonly usersInSeveralArms: number;
  /** What a reader is to know before she believes it. */
  readonly caveats: readonly string[];
}

/** Below this the split is not what it says it is: usual for this test, which is made often and is not to cry wolf. */
const mismatchBelow = 0.001;

export interface ReportOptions {
  readonly resamples: number;
  readonly seed: number;
}

/** Reckons a report; a user has one row for each arm that she was shown. */
export async function reportOf(
  { name, control, arms }: Experiment,
  rows: readonly ArmUser[],
  { resamples, seed }: ReportOptions,
): Promise<ExperimentReport> {
  const times = new Map<string, number>();
  for (const { user } of rows) times.set(user, (times.get(user) ?? 0) + 1);
  const single = rows.filter(({ user }) => times.get(user) === 1);
  const samples = new Map<string, Float64Array>();
  const totals = new Map<string, Omit<ArmReport, 'beside'>>();
  for (const { name: arm, pipeline, share } of arms) {
    const own = single.filter((row) => row.arm === arm);
    const sum = (of: 'answers' | 'impressions' | 'taken') => own.reduce((all, row) => all + row[of], 0);
    const converted = own.filter(({ taken }) => taken > 0).length;
    const table = Float64Array.from(own.flatMap(({ impressions, taken }) => [impressions, taken]));
    const sums = await resampledSums(table, 2, resamples, new RandomStream(seed, 'experiment', name, arm));
    const rates = Float64Array.from({ length: resamples }, (_, n) => sums[2 * n + 1]! / sums[2 * n]!);
    samples.set(arm, rates);
    const [impressions, taken] = [sum('impressions'), sum('taken')];
    totals.set(arm, {
      arm,
      pipeline,
      share,
      isControl: arm === control,
      users: own.length,
      answers: sum('answers'),
      impressions,
      taken,
      rate: isFlat({ impressions, taken })
        ? wilson(taken === 0 ? 0 : own.length, own.length)
        : percentiles(taken / impressions, rates),
      converted,
      conversion: wilson(converted, own.length),
    });
  }
  const base = totals.get(control)!;
  const reports = [...totals.values()].map((own): ArmReport => {
    if (own.isControl || own.users === 0 || base.users === 0) return own;
    const pairs = samples.get(own.arm)!.map((rate, n) => rate - samples.get(control)![n]!);
    const lifts = pairs.map((gap, n) => gap / samples.get(control)![n]!);
    const gap = own.rate.value - base.rate.value;
    const conversion = difference(own.conversion, base.conversion);
    const hits = [own.converted, base.converted] as const;
    const users = [own.users, base.users] as const;
    const p = twoProportions(hits, users);
    return {
      ...own,
      beside: {
        rate: {
          difference: isFlat(own) || isFlat(base) ? difference(own.rate, base.rate) : percentiles(gap, pairs),
          ...(base.taken > 0 && own.taken > 0 && { lift: percentiles(gap / base.rate.value, lifts) }),
        },
        conversion: {
          difference: conversion,
          ...(base.converted > 0 && own.converted > 0 && { lift: lift(hits, users) }),
          p,
        },
      },
    };
  });
  const fit = chiSquare(
    reports.map(({ users }) => users),
    arms.map(({ share }) => share),
  );
  const sampleRatio = { ...fit, isMismatch: fit.p < mismatchBelow };
  const usersInSeveralArms = [...times.values()].filter((count) => count > 1).length;
  return {
    experiment: name,
    arms: reports,
    sampleRatio,
    usersInSeveralArms,
    caveats: caveatsOf(sampleRatio, usersInSeveralArms, reports),
  };
}

/** Whether a bootstrap would draw the same rate whatever it draws. */
const isFlat = ({ impressions, taken }: Pick<ArmReport, 'impressions' | 'taken'>): boolean =>
  taken === 0 || taken === impressions;

function caveatsOf(
  { isMismatch, p }: ExperimentReport['sampleRatio'],
  inSeveral: number,
  arms: readonly ArmReport[],
): string[] {
  const caveats = [
    'The intervals hold for one look, at a time that was set beforehand: who looks again and again, and stops when they part, finds a difference far more often than once in twenty where there is none.',
  ];
  if (isMismatch)
    caveats.unshift(
      `The arms do not hold the users that their shares say (p = ${p.toExponential(1)}): something loses or adds users in one of them, and no figure here can be believed until it is found.`,
    );
  const untaken = arms.filter(({ users, taken }) => users > 0 && taken === 0).map(({ arm }) => arm);
  if (untaken.length > 0)
    caveats.push(
      `Nothing was taken in ${untaken.join(', ')}: the upper end of the interval is what that many users leave possible.`,
    );
  if (inSeveral > 0)
    caveats.push('Users who were shown several arms are left out: shares or salt were changed meanwhile.');
  return caveats;
}

import type { Progress, Report } from '../progress.ts';
import { formatBytes, formatCount, formatSeconds, widthOf } from './terminal.ts';

export interface ProgressView {
  readonly report: Report;
  /** Takes the bar away for a moment, so that other lines can be printed. */
  clear(): void;
  /** Ends the last phase and leaves the screen tidy. */
  finish(): void;
}

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawMs = 100;
/** Often enough to see that it lives, seldom enough for a log. */
const plainMs = 5000;
/** Weight of the newest rate in the running one: settles over some ten drawings, and still follows a change. */
const smoothing = 0.15;
const barWidth = 24;

const amount = (value: number, unit: string): string => (unit === 'bytes' ? formatBytes(value) : formatCount(value));

/** 'training, epoch 3 of 60' is the same step as 'training, epoch 4 of 60'. */
const stepOf = (phase: string): string => phase.split(',')[0]!;

/** A bar on a terminal, a line every few seconds elsewhere, nothing where quiet. */
export function progressView(
  screen: Screen,
  quiet: boolean,
  now: () => number = performance.now.bind(performance),
): ProgressView {
  if (quiet) return { report: () => {}, clear: () => {}, finish: () => {} };
  const isTerminal = screen.isTTY === true;
  let current: Progress | undefined;
  let started = 0;
  let startedAt = 0; // `done` when the phase began: a resumed phase does not start from zero
  let drawn = Number.NEGATIVE_INFINITY;
  let lastDone = 0;
  let rate = 0;
  let isShown = false;
  let isDirty = false;

  const text = (progress: Progress): string => {
    const { phase, done, total, unit, note } = progress;
    const parts: string[] = [];
    if (total !== undefined && total > 0) {
      const share = Math.min(1, done / total);
      const full = Math.round(share * barWidth);
      if (isTerminal) parts.push('█'.repeat(full) + '░'.repeat(barWidth - full));
      parts.push(
        `${Math.floor(share * 100)} %`,
        `${amount(done, unit)}/${amount(total, unit)}${unit === 'bytes' ? '' : ` ${unit}`}`,
      );
    } else if (done > 0) {
      parts.push(`${amount(done, unit)}${unit === 'bytes' ? '' : ` ${unit}`}`);
    }
    if (rate > 0 && done > startedAt && unit !== 's') {
      parts.push(rate >= 10 || unit === 'bytes' ? `${amount(rate, unit)}/s` : `${rate.toFixed(1)}/s`);
      if (total !== undefined && done < total) parts.push(`${formatSeconds((total - done) / rate)} left`);
    }
    if (note) parts.push(note);
    return `${phase}  ${parts.join('  ')}`.trimEnd();
  };

  const clear = (): void => {
    if (isTerminal && isShown) screen.write('\r\u001b[K');
    isShown = false;
  };
  const draw = (): void => {
    if (!current) return;
    let line = text(current);
    if (isTerminal) {
      const columns = (screen.columns ?? 80) - 1;
      while (widthOf(line) > columns) line = line.slice(0, -1);
      screen.write(`\r${line}\u001b[K`);
    } else screen.write(`${line}\n`);
    isShown = true;
    isDirty = false;
  };
  /** Leaves a finished phase as one line of its own: what was done, at which mean rate, in which time. */
  const settle = (): void => {
    if (!current) return;
    const seconds = (now() - started) / 1000;
    if (seconds > 0) rate = (current.done - startedAt) / seconds;
    if (isTerminal) {
      draw();
      screen.write('\n');
    } else if (isDirty) draw();
    isShown = false;
    current = undefined;
  };

  return {
    report: (progress) => {
      const time = now();
      if (!current || stepOf(current.phase) !== stepOf(progress.phase)) {
        settle();
        [started, startedAt, lastDone, rate, drawn] = [time, progress.done, progress.done, 0, time];
        current = progress;
        if (isTerminal) draw();
        else isDirty = true;
        return;
      }
      current = progress;
      isDirty = true;
      const passed = time - drawn;
      if (passed < (isTerminal ? redrawMs : plainMs)) return;
      const fresh = ((progress.done - lastDone) / passed) * 1000;
      rate = rate === 0 ? (progress.done - startedAt) / ((time - started) / 1000) : rate + smoothing * (fresh - rate);
      drawn = time;
      lastDone = progress.done;
      draw();
    },
    clear,
    finish: settle,
  };
}

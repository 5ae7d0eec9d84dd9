import type { RecordingOptions } from '../options.ts';
import type { ImpressionRecorder } from '../serving/impressions/recorder.ts';
import type { GraphOptions, Run } from './run.ts';
import type { Service } from './service.ts';

/** What remembers what a service shows; undefined where that is not wanted, or there is no graph of ours to remember it in. */
export async function openImpressions(
  { reach: { graph } }: Pick<Service, 'reach'>,
  { home, impressions, keepImpressions, impressionJournalMb }: Pick<GraphOptions, 'home'> & RecordingOptions,
  { log }: Pick<Run, 'log'>,
): Promise<ImpressionRecorder | undefined> {
  if (!impressions || !graph || graph.schema.names) return undefined;
  const { openRecorder } = await import('../serving/impressions/recorder.ts');
  return await openRecorder(graph, {
    home,
    log,
    keepDays: keepImpressions,
    journalBytes: impressionJournalMb * 2 ** 20,
  });
}

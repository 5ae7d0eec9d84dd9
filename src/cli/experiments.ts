import { TastegraphError } from '../errors.ts';
import { estimatePipeline, experimentReport, listExperiments, openService } from '../pipeline.ts';
import { command } from './command.ts';
import { estimateLines, experimentRows, reportLines } from './experimentLines.ts';
import { formatTable } from './terminal.ts';

export default command('experiments', async (options, { words, run, print, paint }) => {
  const [action = 'list', name] = words;
  const where = "'tastegraph experiments'";
  if (action !== 'list' && action !== 'report' && action !== 'estimate')
    throw new TastegraphError('options/unknown', { name: action, where, hint: '', known: 'list report estimate' });
  if (action !== 'list' && name === undefined)
    throw new TastegraphError('options/missing', {
      name: 'NAME',
      todo: action === 'report' ? 'Name an experiment' : 'Name a pipeline',
    });
  const { home, version, pipelines, experiments } = options;
  const service = await openService({ home, version, pipelines, experiments }, run, options);
  try {
    if (action === 'list') {
      const known = listExperiments(service);
      if (known.length === 0) print('No experiments. They are declared in the config file, under experiments');
      else print(formatTable(['experiment', 'arm', 'pipeline', 'share', ''], experimentRows(known, paint), paint));
      return { experiments: known };
    }
    if (action === 'report') {
      const report = await experimentReport(service, name!, options);
      print(reportLines(report, paint));
      return { ...report };
    }
    const estimate = await estimatePipeline(service, name!, options);
    print(estimateLines(estimate, paint));
    return { ...estimate };
  } finally {
    await service.close();
  }
});

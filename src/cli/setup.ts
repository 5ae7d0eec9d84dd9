import { TastegraphError } from '../errors.ts';
import { setUpTensorflow } from '../pipeline.ts';
import { command } from './command.ts';
import { hintFor } from './nearest.ts';
import { formatSeconds } from './terminal.ts';

const known = ['tensorflow'];

export default command('setup', async ({ gpu }, { words, run, print, paint }) => {
  const [what] = words;
  if (!known.includes(what!)) {
    const hint = hintFor(what!, known);
    throw new TastegraphError('options/unknown', {
      name: what!,
      where: "'tastegraph setup'",
      hint,
      known: known.join(' '),
    });
  }
  const { version, device, folder, wasThere, seconds } = await setUpTensorflow({ gpu }, run);
  const done = wasThere ? 'was there already' : `is ready after ${formatSeconds(seconds)}`;
  print(`${paint.bold(`TensorFlow ${version}`)} on ${device} ${done}: ${folder}`);
  if (gpu && device !== 'cuda')
    print(`No GPU answers, so it computes on the processor until one does: see that 'nvidia-smi' lists it`);
  return { tensorflow: version, device, folder, wasThere, seconds };
});

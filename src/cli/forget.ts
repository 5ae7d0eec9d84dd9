import { forgetUser, verifyReceipt } from '../pipeline.ts';
import { command } from './command.ts';
import { receiptLines, verifiedLines } from './receipts.ts';

export default command('forget', async (options, { words, run, print, paint }) => {
  if (options.verify) {
    const verified = await verifyReceipt(words[0]!, options);
    print(verifiedLines(verified, paint));
    return { ...verified };
  }
  const signed = await forgetUser(words[0]!, options, run);
  print(receiptLines(signed, options.home, paint));
  return { ...signed };
});

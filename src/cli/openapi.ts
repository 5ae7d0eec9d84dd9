import { packageDocument } from '../api/openapi/ofPackage.ts';
import { command } from './command.ts';

export default command('openapi', async (_options, { print }) => {
  const document = packageDocument();
  print(JSON.stringify(document, undefined, 2));
  return { ...document };
});

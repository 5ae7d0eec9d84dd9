import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../src/package.ts';

it('generated parts of documents are current', () => {
  // Ends with another code than 0, and says which document is stale, where one is.
  expect(() =>
    execFileSync(process.execPath, [join(packageRoot, 'infra', 'docs.mjs'), '--check'], { stdio: 'pipe' }),
  ).not.toThrow();
});

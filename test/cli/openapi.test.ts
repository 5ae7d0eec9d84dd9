/** The OpenAPI document from the command line: the same that a server gives, with no server and no home. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { packageDocument } from '../../src/api/openapi/ofPackage.ts';
import { tastegraph } from './tastegraph.ts';

const cwd = mkdtempSync(join(tmpdir(), 'tastegraph-openapi-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

it('is printed whole, on one line under --json, and nothing is left behind', async () => {
  const expected = JSON.parse(JSON.stringify(packageDocument())) as unknown;
  const [shown, json] = [await tastegraph(['openapi'], { cwd }), await tastegraph(['openapi', '--json'], { cwd })];
  expect([shown.code, json.code, shown.stderr]).toEqual([0, 0, '']);
  expect(JSON.parse(shown.stdout)).toEqual(expected);
  expect(json.json()).toEqual(expected);
  expect(json.stdout.trim().split('\n')).toHaveLength(1);
  expect(readdirSync(cwd)).toEqual([]);
});

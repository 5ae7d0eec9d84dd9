/**
 * Gives the test run a folder for its Neo4j servers, and ends them after it. A server starts when the first test asks for it
 * (`test/neo4j.ts`), so a run of tests without a database costs none. Neo4j itself is fetched here where it is not there yet: how
 * long that takes is the line's business and no test's.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureJars, jarChecksums, jarsPresent } from '../src/graph/jars.ts';
import { stopServer } from '../src/graph/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    neo4jHomes: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Servers that live for minutes at most never earn back what Java's optimising compiler takes from the tests on few cores.
  process.env.JAVA_TOOL_OPTIONS ??= '-XX:TieredStopAtLevel=1';
  if (jarsPresent() < jarChecksums().size) console.error('tests: fetching Neo4j, once …');
  await ensureJars();
  const homes = mkdtempSync(join(tmpdir(), 'tastegraph-test-'));
  project.provide('neo4jHomes', homes);
  return async () => {
    await Promise.all(readdirSync(homes).map((name) => stopServer(join(homes, name))));
    rmSync(homes, { recursive: true, force: true });
  };
}

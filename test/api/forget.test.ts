/** Forgetting over HTTP, from what a home stores; the graph's part is in `test/forget`. */
import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { removedKey } from '../../src/graph/removed.ts';
import { forgetUser, type SignedReceipt } from '../../src/pipeline.ts';
import { run } from '../forget/home.ts';
import { testServer } from '../neo4j.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

let planted: PlantedApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  planted = await plantedApp();
  const forget = (user: string, how: { readonly block: boolean }) =>
    forgetUser(user, { ...testServer(), home: planted.home, withId: false, ...how }, run());
  app = createApp({ ...planted.deps, forget });
});
afterAll(() => planted.close());

const recommended = async (user: string) =>
  (await (await app.request(`/v1/users/${user}/recommendations`)).json()) as { fallback?: string; version: string };

describe('DELETE /v1/users/{id}', () => {
  it('answers the receipt once the server itself does not know the user any more', async () => {
    const before = await recommended('ann');
    expect(before.fallback).toBeUndefined();
    const response = await app.request('/v1/users/ann?block=true', { method: 'DELETE' });
    expect(response.status).toBe(200);
    const { receipt, signature, publicKey } = (await response.json()) as SignedReceipt;
    expect(receipt).toMatchObject({
      key: removedKey('user', 'ann'),
      known: true,
      blocked: true,
      influenced: [before.version],
      removed: { versions: [before.version] },
    });
    // As it came over the wire, the signature holds.
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' });
    expect(verify(null, Buffer.from(JSON.stringify(receipt)), key, Buffer.from(signature, 'base64'))).toBe(true);
    expect(await recommended('ann')).toMatchObject({ fallback: 'popular', version: before.version });
    expect((await recommended('bob')).fallback).toBeUndefined();
    const again = (await (await app.request('/v1/users/ann', { method: 'DELETE' })).json()) as SignedReceipt;
    expect(again.receipt).toMatchObject({ known: false, earlier: [receipt.operation] });
  });

  it('is refused where it makes no sense, and not there where the server may not', async () => {
    expect((await app.request('/v1/users/ann?block=perhaps', { method: 'DELETE' })).status).toBe(422);
    const without = createApp(planted.deps);
    expect((await without.request('/v1/users/ann', { method: 'DELETE' })).status).toBe(404);
    const guarded = createApp({
      ...planted.deps,
      options: { ...planted.deps.options, token: 'a token of 16 letters' },
    });
    expect((await guarded.request('/v1/users/ann', { method: 'DELETE' })).status).toBe(401);
  });
});

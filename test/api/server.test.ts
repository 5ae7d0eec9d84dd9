import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../src/api/server.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

let planted: PlantedApp;
beforeAll(async () => {
  planted = await plantedApp();
});
afterAll(() => planted.close());

const options = { host: '127.0.0.1', port: 0, token: undefined, maxBodyBytes: 1 << 20, requestTimeoutMs: 5000 };

describe('server', () => {
  it('answers on a free port, and not after it stopped', async () => {
    const server = await serve(options, planted.deps);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    await server.stop();
    await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
  });

  it('answers what has begun before it stops', async () => {
    let begun = () => {};
    const asked = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let finish = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { explainer } = planted.deps;
    const slow = {
      ...explainer,
      explain: async (...given: Parameters<typeof explainer.explain>) => {
        begun();
        await held;
        return explainer.explain(...given);
      },
    };
    const server = await serve(options, { ...planted.deps, explainer: slow });
    const answer = fetch(`${server.url}/v1/users/ann/recommendations/d3/explanation`);
    await asked;
    const stopped = server.stop();
    expect(server.stop()).toBe(stopped);
    await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
    finish();
    const response = await answer;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ item: 'd3' });
    await stopped;
  });

  it('goes on answering for the time that a load balancer needs to notice', async () => {
    const server = await serve({ ...options, drainDelaySeconds: 1 }, planted.deps);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    const stopped = server.stop();
    const [ready, list] = await Promise.all(
      ['health/ready', 'v1/users/ann/recommendations'].map((path) => fetch(`${server.url}/${path}`)),
    );
    expect(ready!.status).toBe(503);
    expect(await ready!.json()).toMatchObject({ code: 'api/stopping' });
    expect(list!.status).toBe(200);
    expect(list!.headers.get('connection')).toBe('close');
    await stopped;
    await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
  });

  it('cuts off what never ends', async () => {
    const server = await serve({ ...options, requestTimeoutMs: 200 }, planted.deps);
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    socket.write(
      'POST /v1/interactions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = once(socket, 'close');
    socket.resume();
    await server.stop();
    await closed;
  });

  it('refuses a taken port, and the world without a token', async () => {
    const server = await serve(options, planted.deps);
    await expect(serve({ ...options, port: server.port }, planted.deps)).rejects.toMatchObject({
      code: 'api/port-taken',
      details: { port: server.port },
    });
    await server.stop();
    await expect(serve({ ...options, host: '0.0.0.0' }, planted.deps)).rejects.toMatchObject({
      code: 'api/token-needed',
    });
    const open = await serve({ ...options, host: '0.0.0.0', token: 'a-token-of-some-length' }, planted.deps);
    expect((await fetch(`http://127.0.0.1:${open.port}/v1/users/ann/recommendations`)).status).toBe(401);
    await open.stop();
  });
});

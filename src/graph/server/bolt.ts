/** Bolt's port from outside: is somebody there, and is a port free. No driver: this is asked many times a second. */
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

// The protocol's magic number and four versions that the client would speak, most wanted first (5.8 down to 5.0, 4.4 down to 4.2).
const handshake = Buffer.from('6060b0170008080500020404' + '0000000000000000', 'hex');

/** Whether a server on this loopback port answers a Bolt handshake within `timeout` ms. */
export function answersBolt(port: number, timeout = 2000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeout, () => settle(false));
    socket.on('connect', () => socket.write(handshake));
    // The answer is a version (four bytes); no common version is four zero bytes.
    socket.on('data', (bytes) => settle(bytes.length >= 4 && bytes.readUInt32BE(0) !== 0));
    socket.on('error', () => settle(false));
    socket.on('end', () => settle(false));
  });
}

/** Systems give outgoing connections ports from 32,768 on: below that nobody takes ours by chance while the server is stopped. */
const [lowestPort, highestPort] = [20_000, 32_767];

/** `wanted` where that loopback port is free, else another that is. */
export async function freePort(wanted = 0): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    const port = tries === 0 && wanted ? wanted : randomInt(lowestPort, highestPort + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of twenty ports between ${lowestPort} and ${highestPort} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}

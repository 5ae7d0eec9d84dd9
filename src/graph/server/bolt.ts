/** Bolt's port from outside: is somebody there, and is a port free. No driver: this is asked many times a second. */
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

/** `wanted` where that loopback port is free, else one that the system picks. */
export async function freePort(wanted = 0): Promise<number> {
  const tried = await listenOnce(wanted);
  return tried ?? (await listenOnce(0)) ?? 0;
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

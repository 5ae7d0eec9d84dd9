/** Requests byte by byte, over sockets of our own: what no client would send. */
import { once } from 'node:events';
import { connect } from 'node:net';

export const token = 'a-token-of-some-length';
export const auth = `authorization: Bearer ${token}`;
export const json = 'content-type: application/json';

export interface Heard {
  /** Everything until the other side closed. */
  readonly text: string;
  /** Statuses of all answers, in order. */
  readonly statuses: readonly number[];
}

/** Sends bytes as they are and hears until the server closes; `drip` goes on sending, a part every 20 ms. */
export async function send(port: number, parts: readonly (string | Buffer)[], drip?: string): Promise<Heard> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // a server that has heard enough resets
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const heard: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => heard.push(bytes));
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  const dripping = drip === undefined ? undefined : setInterval(() => socket.writable && socket.write(drip), 20);
  await closed;
  clearInterval(dripping);
  const text = Buffer.concat(heard).toString('latin1');
  return { text, statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1])) };
}

export const head = (line: string, ...headers: readonly string[]) =>
  `${[`${line} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers].join('\r\n')}\r\n\r\n`;
export const post = (path: string, body: string | Buffer, type = json) => [
  head(`POST ${path}`, auth, type, `content-length: ${Buffer.byteLength(body)}`),
  body,
];
export const interactions = '/v1/interactions';

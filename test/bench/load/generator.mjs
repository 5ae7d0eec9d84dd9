/**
 * Offers requests at a fixed rate, whether or not those before were answered (an open loop): each has its moment, and its latency is
 * counted from that moment on, also where it had to wait for a connection, so that what a slow server holds back is not left out.
 * autocannon asks again only when it has an answer, and its users are all the same; so this is on plain sockets.
 *
 * What is due in the first `warmUp` seconds is offered and not counted: connections, caches and compilers are as in the middle of a day.
 *
 * Given as JSON on standard input: { url, rate, seconds, warmUp, connections, users, zipf, writes, query, items, seed }. Prints one JSON
 * object.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const given = JSON.parse(readFileSync(0, 'utf8'));
const {
  rate,
  seconds,
  warmUp = 0,
  connections = 64,
  users,
  items = [],
  zipf = 1,
  writes = 0,
  query = 'limit=10&explain=false',
  seed = 1,
} = given;
const { hostname, port } = new URL(given.url);
const patienceMs = 10_000;

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
let state = seed >>> 0;
const draw = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/** The user at rank r is asked for as often as 1 / r^zipf; who stands where is drawn. zipf 0: all alike. */
const order = [...users];
for (let n = order.length - 1; n > 0; n--) {
  const other = Math.floor(draw() * (n + 1));
  [order[n], order[other]] = [order[other], order[n]];
}
const sums = new Float64Array(order.length);
let sum = 0;
for (let rank = 0; rank < order.length; rank++) sums[rank] = sum += 1 / (rank + 1) ** zipf;
const someUser = () => {
  const wanted = draw() * sum;
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return order[low];
};

const total = Math.round(rate * (warmUp + seconds));
const latencies = { read: new Float64Array(total), write: new Float64Array(total) };
const counts = { read: 0, write: 0 };
const outcomes = {};
const caches = {};
let stale = 0;
/** Writes that were acknowledged: [user, item, at]. */
const acknowledged = [];
const began = performance.now();
const countedFrom = began + 1000 * warmUp;
let usedBefore = process.cpuUsage();

const isCounted = (request) => request.at >= countedFrom;
const countAs = (name, request) => {
  if (isCounted(request)) outcomes[name] = (outcomes[name] ?? 0) + 1;
};

const waiting = [];
let waitingFrom = 0;
const free = [];
let running = 0;

function open() {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.setEncoding('latin1');
  const connection = { socket, current: undefined, text: '' };
  socket.on('data', (text) => {
    connection.text += text;
    const head = connection.text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(connection.text.slice(0, head))?.[1] ?? 0);
    if (connection.text.length < head + 4 + length) return;
    answered(connection, connection.text.slice(0, head), connection.text.slice(head + 4));
    connection.text = '';
  });
  const end = () => {
    if (connection.isOver) return;
    connection.isOver = true;
    const { current } = connection;
    if (current) {
      running--;
      countAs('broken connection', current);
    }
    const place = free.indexOf(connection);
    if (place >= 0) free.splice(place, 1);
    setTimeout(open, 50).unref();
  };
  socket.on('connect', () => give(connection));
  socket.on('error', end).on('close', end);
}

function give(connection) {
  if (connection.isOver) return;
  const next = waiting[waitingFrom];
  if (next === undefined) return void free.push(connection);
  waiting[waitingFrom++] = undefined;
  send(connection, next);
}

function send(connection, request) {
  connection.current = request;
  const { body } = request;
  const head = `host: ${hostname}\r\n`;
  connection.socket.write(
    body === undefined
      ? `GET ${request.path} HTTP/1.1\r\n${head}\r\n`
      : `POST ${request.path} HTTP/1.1\r\n${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

function answered(connection, head, body) {
  const request = connection.current;
  connection.current = undefined;
  running--;
  const status = head.slice(9, 12);
  const kind = request.body === undefined ? 'read' : 'write';
  countAs(`${kind} ${status}`, request);
  if (status === '200') {
    if (kind === 'write') acknowledged.push(request.wrote);
    if (isCounted(request)) countAnswer(kind, request, head, body);
  }
  if (/connection: close/i.test(head)) connection.socket.destroy();
  else give(connection);
}

function countAnswer(kind, request, head, body) {
  latencies[kind][counts[kind]++] = performance.now() - request.at;
  if (kind === 'write') return;
  const cache = /x-cache: (\w+)/i.exec(head)?.[1] ?? 'none';
  caches[cache] = (caches[cache] ?? 0) + 1;
  if (body.includes('"stale":true')) stale++;
}

let made = 0;
let written = 0;
function make(at) {
  const user = someUser();
  if (writes > 0 && draw() < writes) {
    const item = items[Math.floor(draw() * items.length)];
    const moment = 1_700_000_000_000 + written++;
    const wrote = [user, item, moment];
    const body = JSON.stringify({ interactions: [{ user, item, type: 'bench', value: 1, at: moment }] });
    return { at, path: '/v1/interactions', body, wrote };
  }
  return { at, path: `/v1/users/${encodeURIComponent(user)}/recommendations?${query}` };
}

for (let n = 0; n < connections; n++) open();
setTimeout(() => {
  usedBefore = process.cpuUsage();
}, 1000 * warmUp);
const timer = setInterval(() => {
  const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate) + 1);
  while (made < due) {
    const request = make(began + (made++ / rate) * 1000);
    running++;
    const connection = free.shift();
    if (connection) send(connection, request);
    else waiting.push(request);
  }
  const isOver = made === total && (running === 0 || performance.now() - countedFrom > seconds * 1000 + patienceMs);
  if (!isOver) return;
  clearInterval(timer);
  if (running > 0) outcomes['no answer'] = running;
  const percentiles = (kind) => {
    const sorted = latencies[kind].subarray(0, counts[kind]).sort();
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
    return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), 'p99.9': at(0.999), most: at(1) };
  };
  const { user, system } = process.cpuUsage(usedBefore);
  const result = {
    seconds: (performance.now() - countedFrom) / 1000,
    read: percentiles('read'),
    write: percentiles('write'),
    outcomes,
    caches,
    stale,
    acknowledged,
    cpuSeconds: (user + system) / 1e6,
  };
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}, 1);

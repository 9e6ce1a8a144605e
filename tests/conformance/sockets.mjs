// A real client of graphql-transport-ws, and one that breaks its rules, as JSON.
import { createClient } from 'graphql-ws';
import { createClient as createEventClient } from 'graphql-sse';
import WebSocket from 'ws';

const [url, events, authorization] = process.argv.slice(2);
const PROTOCOL = 'graphql-transport-ws';
const results = [];

async function check(name, run) {
  const limit = new Promise((_, reject) => setTimeout(() => reject(new Error('no answer in 10 s')), 10_000));
  try {
    const found = await Promise.race([run(), limit]);
    results.push({ name, found });
  } catch (error) {
    results.push({ name, error: String(error?.message ?? error) });
  }
}

function client(options = {}) {
  return createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, ...options });
}

function collect(source, query) {
  return new Promise((resolve, reject) => {
    const values = [];
    source.subscribe({ query }, { next: (value) => values.push(value.data), error: reject, complete: () => resolve(values) });
  });
}

// Sends messages as they are, and tells how the socket was closed and what it said before.
function talk(messages, { protocol = PROTOCOL, headers = {}, afterAck = [], stayMs = 0 } = {}) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocol, { headers });
    const heard = [];
    socket.on('open', () => messages.forEach((message) => socket.send(message)));
    socket.on('message', (data) => {
      heard.push(JSON.parse(data));
      if (heard.at(-1).type === 'connection_ack') afterAck.forEach((message) => socket.send(message));
    });
    socket.on('close', (code) => resolve({ code, heard: heard.map(({ type }) => type) }));
    socket.on('unexpected-response', (_, response) => resolve({ status: response.statusCode }));
    socket.on('error', (error) => setTimeout(() => reject(error), 200));
    if (stayMs) setTimeout(() => resolve({ open: socket.readyState === WebSocket.OPEN, heard: heard.map(({ type }) => type) }), stayMs);
  });
}

const json = JSON.stringify;
const init = json({ type: 'connection_init' });
const subscribe = (id, query, more = {}) => json({ id, type: 'subscribe', payload: { query, ...more } });
const deep = '['.repeat(20_000) + ']'.repeat(20_000);

await check('query', async () => {
  const source = client();
  const values = await collect(source, '{ hello }');
  await source.dispose();
  return values;
});
await check('subscription', async () => {
  const source = client();
  const values = await collect(source, 'subscription { count(to: 3) }');
  await source.dispose();
  return values.map(({ count }) => count);
});
await check('fifty at once', async () => {
  const source = client();
  const all = await Promise.all(Array.from({ length: 50 }, () => collect(source, 'subscription { count(to: 20) }')));
  await source.dispose();
  return all.every((values) => values.length === 20 && values.every(({ count }, index) => count === index));
});
await check('token in connection_init', async () => {
  const source = client({ connectionParams: { authorization } });
  const values = await collect(source, '{ whoami }');
  await source.dispose();
  return typeof values[0].whoami;
});
await check('wrong token', async () => talk([json({ type: 'connection_init', payload: { authorization: 'Bearer wrong' } })]));
await check('subscribe before ack', async () => talk([subscribe('1', '{ hello }')]));
await check('no connection_init', async () => talk([]));
await check('two connection_inits', async () => talk([init, init]));
await check('same id', async () => talk([init], { afterAck: [subscribe('1', 'subscription { forever }'), subscribe('1', 'subscription { forever }')] }));
await check('no protocol', async () => talk([], { protocol: [] }));
await check('foreign origin', async () => talk([], { headers: { origin: 'https://elsewhere.example' } }));
await check('no json', async () => talk(['{']));
await check('array', async () => talk(['[]']));
await check('batch', async () => talk([json([{ type: 'connection_init' }])]));
await check('deep json', async () => talk([deep]));
await check('deep payload', async () => talk([`{"type":"connection_init","payload":${deep}}`]));
await check('bytes', async () => talk([Buffer.from(init)]));
await check('65 KB', async () => talk([json({ type: 'ping', payload: { text: 'x'.repeat(66_000) } })]));
await check('unknown type', async () => talk([json({ type: 'greeting' })]));
await check('no type', async () => talk([json({})]));
await check('init with a list', async () => talk([json({ type: 'connection_init', payload: [] })]));
await check('subscribe without id', async () => talk([init], { afterAck: [json({ type: 'subscribe', payload: { query: '{ hello }' } })] }));
await check('subscribe without query', async () => talk([init], { afterAck: [json({ id: '1', type: 'subscribe', payload: {} })] }));
await check('ping', async () => talk([json({ type: 'ping' })], { stayMs: 300 }));
await check('bad documents end themselves alone', async () =>
  talk([init], {
    afterAck: [subscribe('1', '{'), subscribe('2', '{ nothing }'), subscribe('3', 'query A { hello } query B { hello }'), subscribe('4', '{ hello }')],
    stayMs: 600,
  }));
await check('events', async () => {
  const source = createEventClient({ url: events, headers: { authorization } });
  const values = await collect(source, 'subscription { count(to: 3) }');
  return values.map(({ count }) => count);
});
await check('events of a bad document', async () => {
  const source = createEventClient({ url: events });
  return new Promise((resolve, reject) => {
    const heard = [];
    source.subscribe({ query: '{ nothing }' }, { next: (value) => heard.push(value.errors.length), error: reject, complete: () => resolve(heard) });
  });
});

console.log(JSON.stringify(results));
process.exit(0);

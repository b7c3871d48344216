// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cancelled, Client, InvalidArgument } from 'd360webhook';
import { KEY, URL, failure, memory } from './support.mjs';

const NEVER = { url: 'https://never.example.com' };

/** A client of a peer that takes requests and never answers; `received` resolves at the next request. */
async function silent(t) {
  const sockets = [];
  const requests = new EventEmitter();
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}).on('data', () => requests.emit('request')));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new Client(`http://127.0.0.1:${server.address().port}`);
  t.after(async () => {
    await client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  client.received = () => once(requests, 'request');
  return client;
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

test('a signal ends its own call within 100 ms and no other', async (t) => {
  const client = await silent(t);
  const first = client.received();
  const other = failure(client.customerWebhookGet(KEY));
  await first;
  const delays = [];
  for (let round = 0; round < 9; round += 1) {
    const controller = new AbortController();
    const received = client.received();
    const call = failure(client.wabaWebhookSet(KEY, { url: URL }, { signal: controller.signal }));
    await received;
    const begun = performance.now();
    controller.abort(new Error('the user left'));
    const error = await call;
    delays.push(performance.now() - begun);
    assert.ok(error instanceof Cancelled);
    assert.equal(error.outcome, 'unknown');
    assert.equal(error.cause.message, 'the user left');
  }
  assert.ok(median(delays) < 100, `${delays}`);
  assert.equal(await Promise.race([other, sleep(20, 'still in flight')]), 'still in flight');
});

test('a signal that was aborted before ends the call before anything is sent', async (t) => {
  const client = await silent(t);
  const error = await failure(client.customerWebhookSet(KEY, { url: URL }, { signal: AbortSignal.abort() }));
  assert.ok(error instanceof Cancelled);
  assert.deepEqual([error.outcome, error.attempts, error.cause.name], ['not_applied', 0, 'AbortError']);
});

test('AbortSignal.timeout is a time limit of one call', async (t) => {
  const client = await silent(t);
  const error = await failure(client.customerWebhookGet(KEY, { signal: AbortSignal.timeout(30) }));
  assert.equal(error.cause.name, 'TimeoutError');
});

test('cancel ends the calls in flight, those that wait for a thread too, and not later ones', async (t) => {
  const client = await silent(t);
  const calls = Array.from({ length: 300 }, () => failure(client.customerWebhookGet(KEY)));
  await sleep(30);
  await client.cancel(new Error('stop'));
  for (const error of await Promise.all(calls)) {
    assert.ok(error instanceof Cancelled);
    assert.equal(error.cause.message, 'stop');
  }
  assert.equal(await Promise.race([failure(client.customerWebhookGet(KEY)), sleep(50, 'in flight')]), 'in flight');
});

test('close ends the calls in flight; later calls are rejected; closing again waits for the same end', async (t) => {
  const client = await silent(t);
  const calls = [failure(client.customerWebhookGet(KEY)), failure(client.wabaWebhookWait(KEY, NEVER))];
  await sleep(20);
  await Promise.all([client.close(), client.close()]);
  assert.ok((await Promise.all(calls)).every((error) => error instanceof Cancelled));
  assert.ok(client.closed);
  assert.ok((await failure(client.customerWebhookGet(KEY))) instanceof InvalidArgument);
  assert.throws(() => client.derive(), InvalidArgument);
  await client.close();
});

test('a client closes at the end of its block', async () => {
  const client = await Client.open('sqlite::memory:');
  const call = failure(client.wabaWebhookWait('unknown', NEVER));
  await client[Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]();
  assert.ok(client.closed);
  await call;
});

test('a call that has its result is not changed by a late signal', async (t) => {
  const client = await memory(t);
  const controller = new AbortController();
  await client.customerWebhookSet(KEY, { url: URL }, { signal: controller.signal });
  controller.abort();
  assert.deepEqual(await client.customerWebhookGet(KEY), { url: URL });
});

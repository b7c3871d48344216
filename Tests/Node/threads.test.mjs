// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Client } from 'd360webhook';
import { KEY, URL, memory, remote } from './support.mjs';

const IN_FLIGHT = `
  const { Client } = require('d360webhook');
  const client = new Client('sqlite::memory:');
  client.channelRegister({ phone_number_id: '1', waba_id: 7, api_key: 'key' }).then(() => {
    for (let i = 0; i < 300; i++) client.wabaWebhookWait('key', { url: 'https://never.example.com' }).catch(() => {});
    for (let i = 0; i < 300; i++) client.customerWebhookSet('key', { url: 'https://hooks.example.com/' + i }).catch(() => {});
    setTimeout(IN_FLIGHT, 20);
  });`;

function program(text) {
  const begun = performance.now();
  const ended = spawnSync(process.execPath, ['-e', text], { encoding: 'utf8', timeout: 20_000 });
  return { ...ended, milliseconds: performance.now() - begun };
}

test('a process exits amid calls', () => {
  for (const last of ['process.exit(7)', 'process.exitCode = 7; client.close()', 'throw new Error("over")']) {
    const ended = program(IN_FLIGHT.replace('IN_FLIGHT', `() => { ${last} }`));
    assert.equal(ended.signal, null, ended.stderr);
    assert.equal(ended.status, last.startsWith('throw') ? 1 : 7, ended.stderr);
  }
});

test('a process ends by itself once its calls are over, also with an open client', () => {
  const ended = program(`
    const { Client } = require('d360webhook');
    new Client('sqlite::memory:').channelList().then((list) => console.log(JSON.stringify(list)));`);
  assert.deepEqual([ended.status, ended.stdout], [0, '{"channels":[]}\n'], ended.stderr);
});

test('a worker has clients of its own, and is terminated amid calls', async () => {
  for (let round = 0; round < 5; round += 1) {
    const worker = new Worker(IN_FLIGHT.replace('IN_FLIGHT', '() => require("node:worker_threads").parentPort.postMessage(1)'), {
      eval: true,
    });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    assert.equal(await worker.terminate(), 1);
  }
});

test('workers and the main thread use one database file at once', async (t) => {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const folder = mkdtempSync('/tmp/d360-node-');
  t.after(() => rmSync(folder, { recursive: true }));
  const url = `sqlite:${folder}/w.db`;
  const client = await Client.open(url);
  const text = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { Client } = require('d360webhook');
    (async () => {
      const client = new Client(workerData.url);
      const { id } = workerData;
      await client.channelRegister({ phone_number_id: String(id), waba_id: id, api_key: 'key' + id });
      for (let i = 0; i <= 20; i++) await client.customerWebhookSet('key' + id, { url: 'https://hooks.example.com/' + i });
      await client.close();
    })();`;
  const ends = [1, 2, 3].map((id) => {
    const worker = new Worker(text, { eval: true, workerData: { url, id } });
    return new Promise((resolve, reject) => worker.once('error', reject).once('exit', resolve));
  });
  assert.deepEqual(await Promise.all(ends), [0, 0, 0]);
  for (const id of [1, 2, 3]) {
    assert.deepEqual(await client.customerWebhookGet(`key${id}`), { url: 'https://hooks.example.com/20' });
  }
  await client.close();
});

test('a thousand calls at once do not stall the event loop', async (t) => {
  const { client, key } = remote(t);
  await client.customerWebhookSet(key, { url: URL });
  const medians = [];
  for (let round = 0; round < 5; round += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => client.customerWebhookGet(key)));
    delay.disable();
    assert.ok(answers.every(({ url }) => url === URL));
    medians.push(delay.percentile(50) / 1e6);
  }
  assert.ok(medians.sort((a, b) => a - b)[2] < 50, `${medians} ms`);
});

test('a program that forgets its clients does not grow', async (t) => {
  const ended = spawnSync(
    process.execPath,
    ['--expose-gc', '-e', `
      const { Client } = require('d360webhook');
      const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
      (async () => {
        for (let i = 0; i < 300; i++) {
          await new Client('sqlite::memory:').channelList();
          if (i % 20 === 19) { global.gc(); await pause(); }
        }
        console.log(process.memoryUsage().rss < 400e6);
      })();`],
    { encoding: 'utf8' },
  );
  assert.deepEqual([ended.status, ended.stdout], [0, 'true\n'], ended.stderr);
});

test('libuv’s own threads stay free for files', async (t) => {
  const client = await memory(t);
  const controller = new AbortController();
  const { signal } = controller;
  const waits = Array.from({ length: 20 }, () => client.wabaWebhookWait(KEY, { url: 'https://never.example.com' }, { signal }).catch(() => {}));
  const { readFile } = await import('node:fs/promises');
  assert.match(await readFile('/proc/self/status', 'utf8'), /Threads/);
  controller.abort();
  await Promise.all(waits);
});

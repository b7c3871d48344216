// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  Client, Conflict, D360Error, InvalidArgument, InvalidRequest, NotEnabled, NotFound, SignatureMismatch, Timeout, Unauthorized,
  Unsupported, signatureSign, signatureVerify, version, webhookValidate,
} from 'd360webhook';
import { KEY, URL, failure, memory, remote } from './support.mjs';

const CRM = { name: 'a/b Ä', url: URL, headers: { Authorization: 'Bearer s3cret' } };

async function allNine(channel) {
  await channel.multiWebhookSet({ enabled: true });
  await channel.multiWebhookAppend({ destinations: [CRM] });
  await channel.multiWebhookUpdate({ name: CRM.name, url: `${URL}/2` });
  assert.deepEqual(await channel.multiWebhookGet(), { enabled: true, destinations: [{ ...CRM, url: `${URL}/2` }] });
  assert.deepEqual(Object.keys(await channel.multiWebhookDelete(CRM.name)), ['message']);
  assert.equal((await channel.customerWebhookSet({ url: URL })).url, URL);
  assert.equal((await channel.customerWebhookGet()).url, URL);
  await channel.wabaWebhookSet({ url: URL, headers: { 'X-Key': 'v' }, override_all: true });
  assert.equal((await channel.wabaWebhookWait({ url: URL, headers: { 'X-Key': 'v' } })).url, URL);
  assert.equal((await channel.wabaWebhookGet()).waba_id, 123065260884961);
  assert.equal((await channel.customerWebhookGet()).url, undefined);
}

test('all operations work on an embedded service', async (t) => allNine((await memory(t)).channel(KEY)));

test('all operations work over HTTP', async (t) => {
  const { client, key } = remote(t);
  await allNine(client.channel(key));
});

test('a database file is shared by clients', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'd360-node-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const first = new Client(`sqlite:${folder}/w.db`);
  await first.channelRegister({ phone_number_id: '1', waba_id: 7, api_key: KEY });
  await first.customerWebhookSet(KEY, { url: URL });
  await first.close();
  const second = new Client(`sqlite:${folder}/w.db`);
  assert.deepEqual(await second.customerWebhookGet(KEY), { url: URL });
  assert.deepEqual(await second.channelList(), { channels: [{ phone_number_id: '1', waba_id: 7 }] });
  await second.channelRemove('1');
  await second.close();
});

test('an integer of 64 bits is not rounded', async (t) => {
  const client = await memory(t);
  for (const waba_id of [2n ** 63n - 1n, 2n ** 53n + 1n]) {
    await client.channelRegister({ phone_number_id: `${waba_id}`, waba_id, api_key: `key-${waba_id}` });
    assert.equal((await client.wabaWebhookGet(`key-${waba_id}`)).waba_id, waba_id);
  }
  assert.equal((await client.wabaWebhookGet(KEY)).waba_id, 123065260884961);
});

test('a text that looks like a large integer stays a text', async (t) => {
  const channel = (await memory(t)).channel(KEY);
  const headers = { 'X-Number': '12345678901234567890', 'X-Quoted': '"12345678901234567890"' };
  await channel.wabaWebhookSet({ url: URL, headers });
  assert.deepEqual((await channel.wabaWebhookGet()).headers, headers);
});

test('an error has a class of its status and the members of its document', async (t) => {
  const client = await memory(t);
  const channel = client.channel(KEY);
  const notEnabled = await failure(channel.multiWebhookAppend({ destinations: [CRM] }));
  assert.ok(notEnabled instanceof NotEnabled && notEnabled instanceof D360Error && notEnabled instanceof Error);
  assert.deepEqual(
    [notEnabled.name, notEnabled.status, notEnabled.code, notEnabled.retryable, notEnabled.outcome],
    ['NotEnabled', 'D360_NOT_ENABLED', 7, false, 'not_applied'],
  );
  const wrong = await failure(channel.customerWebhookSet({ url: 'http://a.example.com' }));
  assert.ok(wrong instanceof InvalidRequest);
  assert.deepEqual([wrong.path, wrong.attempts, wrong.message], ['/url', 0, 'url must begin with https://']);
  await channel.multiWebhookSet({ enabled: true, destinations: [CRM] });
  assert.ok((await failure(channel.multiWebhookAppend({ destinations: [CRM] }))) instanceof Conflict);
  assert.ok((await failure(channel.multiWebhookDelete('unknown'))) instanceof NotFound);
  assert.ok((await failure(client.customerWebhookGet('wrong'))) instanceof Unauthorized);
  const late = await failure(channel.wabaWebhookWait({ url: URL }, { timeout_ms: 0 }));
  assert.ok(late instanceof Timeout);
  assert.equal(late.lastSeen.waba_id, 123065260884961);
});

test('an error over HTTP has the status and the words of the service', async (t) => {
  const { client, key } = remote(t);
  const error = await failure(client.multiWebhookDelete(key, 'unknown'));
  assert.deepEqual([error.httpStatus, error.status], [409, 'D360_NOT_ENABLED']);
  assert.equal(error.serviceMessage, 'multi-webhook is not enabled');
  assert.ok((await failure(client.channelList())) instanceof Unsupported);
});

test('no error contains a key or the value of a header', async (t) => {
  const channel = (await memory(t)).channel(KEY);
  const error = await failure(channel.customerWebhookSet({ url: URL, headers: { Host: 's3cret' } }));
  assert.doesNotMatch(JSON.stringify(error) + error.stack + JSON.stringify(error.document), /s3cret|key-of-berlin/);
});

test('arguments of a wrong type are type errors', async (t) => {
  const client = await memory(t);
  await assert.rejects(client.customerWebhookGet(), TypeError);
  await assert.rejects(client.customerWebhookGet(5), TypeError);
  await assert.rejects(client.customerWebhookSet(KEY, URL), TypeError);
  await assert.rejects(client.wabaWebhookWait(KEY, { url: URL }, { timeout_ms: 'soon' }), TypeError);
  await assert.rejects(client.multiWebhookDelete(KEY, 'a\0b'), InvalidArgument);
  await assert.rejects(client.multiWebhookDelete(KEY, 'a\ud800b'), InvalidArgument);
  assert.throws(() => new Client(5), TypeError);
  assert.throws(() => client.channel(5), TypeError);
});

test('a service that cannot be opened rejects every call with the reason', async () => {
  await assert.rejects(Client.open('gopher://a'), InvalidArgument);
  const client = new Client('sqlite::memory:', { answers: 'loud' });
  for (const call of [client.channelList(), client.customerWebhookGet(KEY)]) {
    const error = await failure(call);
    assert.ok(error instanceof InvalidArgument);
    assert.equal(error.path, '/answers');
  }
  await client.close();
});

test('a derived client has its own limits and the same service', async (t) => {
  const client = await memory(t);
  const derived = client.derive({ url_policy: 'local' });
  await derived.customerWebhookSet(KEY, { url: 'http://127.0.0.1:8080/' });
  assert.deepEqual(await client.customerWebhookGet(KEY), { url: 'http://127.0.0.1:8080/' });
  await assert.rejects(client.derive({ unknown: 1 }).customerWebhookGet(KEY), InvalidArgument);
  await derived.close();
  assert.ok(!client.closed && derived.closed);
});

test('log lines of later calls reach the callback until it is removed', async (t) => {
  const { client, key } = remote(t);
  const lines = [];
  client.setLog((level, message) => lines.push([level, message]));
  await client.customerWebhookGet(key);
  assert.ok(lines.length > 0);
  assert.ok(lines.every(([level, message]) => [0, 1, 2, 3].includes(level) && !message.includes(key)));
  const before = lines.length;
  client.setLog(null);
  await client.customerWebhookGet(key);
  assert.equal(lines.length, before);
});

test('signatures are those of OpenSSL', async () => {
  const { createHmac } = await import('node:crypto');
  for (const body of ['', 'Ä', Buffer.from([0, 255, 0]), new Uint8Array(70_000)]) {
    const signature = createHmac('sha256', 'secret').update(body).digest('hex');
    assert.equal(signatureSign('secret', body), signature);
    signatureVerify('secret', body, `sha256=${signature.toUpperCase()}`);
    assert.throws(() => signatureVerify('secret', body, signature.replace(/./, 'x')), SignatureMismatch);
  }
  assert.throws(() => signatureSign('', 'body'), InvalidArgument);
  assert.throws(() => signatureSign('secret', 5), TypeError);
});

test('a webhook is checked without a service', () => {
  assert.deepEqual(webhookValidate({ url: URL }), { valid: true, problems: [] });
  assert.equal(webhookValidate({ url: 'http://a.example.com' }).problems[0].rule, 'documented');
  assert.ok(webhookValidate({ url: 'http://localhost:1' }, { url_policy: 'local' }).valid);
  assert.throws(() => webhookValidate({ url: URL }, { url_policy: 'x' }), InvalidArgument);
});

test('the version is the package’s', async () => {
  const { createRequire } = await import('node:module');
  assert.equal(createRequire(import.meta.url)('d360webhook/package.json').version, version);
});

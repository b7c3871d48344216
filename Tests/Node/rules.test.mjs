// SPDX-License-Identifier: Apache-2.0
// The rules of the conformance suite, run through the package.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Client } from 'd360webhook';

const folder = new globalThis.URL('../Conformance/rules/', import.meta.url);
const KEY = 'key';

// Bytes that are no JSON cannot be given to the package.
const rules = readdirSync(folder)
  .map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(new globalThis.URL(file, folder), 'utf8'))])
  .filter(([, rule]) => !('bytes' in rule));

const method = (operation) => operation.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

/** An expected value with its long texts written out. */
function whole(value) {
  if (Array.isArray(value)) {
    const isText = value.some((one) => one?.repeat !== undefined);
    const written = (one) => (typeof one === 'string' ? one : one.repeat.repeat(one.times));
    return isText ? value.map(written).join('') : value.map(whole);
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, whole(member)]));
}

async function prepared(rule, t) {
  const client = await Client.open('sqlite::memory:', rule.options);
  t.after(() => client.close());
  await client.channelRegister({ phone_number_id: '106540352242922', waba_id: 123065260884961, api_key: KEY });
  const channel = client.channel(KEY);
  for (const [operation, request] of rule.state ?? []) await channel[method(operation)](request);
  return channel;
}

const readings = (channel) => Promise.all([channel.multiWebhookGet(), channel.customerWebhookGet(), channel.wabaWebhookGet()]);

assert.ok(rules.length > 150);
for (const [name, rule] of rules) {
  test(name, async (t) => {
    const channel = await prepared(rule, t);
    const before = await readings(channel);
    const call = channel[method(rule.call)]('name' in rule ? rule.name : rule.request);
    if ('failure' in rule) {
      const error = await call.then(assert.fail, (reason) => reason);
      assert.equal(error.status, rule.failure.status);
      assert.equal(error.path, rule.failure.path);
      if (error.status !== 'D360_MALFORMED_JSON') assert.equal(error.message, rule.failure.message);
      assert.equal(error.outcome, 'not_applied');
      assert.deepEqual(await readings(channel), before);
    } else {
      assert.deepEqual(await call, whole(rule.answer));
      if (rule.reading) assert.deepEqual(await channel[method(rule.reading.call)](), whole(rule.reading.answer));
    }
  });
}

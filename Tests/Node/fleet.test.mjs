// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled, Client, Conflict, InvalidRequest } from 'd360webhook';
import { URL, failure } from './support.mjs';

const COUNT = 200;

async function fleet(t) {
  const client = await Client.open('sqlite::memory:');
  t.after(() => client.close());
  const accounts = Array.from({ length: COUNT }, (_, index) => ({ name: `n${index}`, api_key: `k${index}` }));
  for (const [index, { api_key }] of accounts.entries()) {
    await client.channelRegister({ phone_number_id: `${index}`, waba_id: index + 1, api_key });
  }
  return { client, document: { accounts: accounts.map((one) => ({ ...one, customer_webhook: { url: URL } })) }, accounts };
}

test('plan, apply, audit and export are awaited', async (t) => {
  const { client, document, accounts } = await fleet(t);
  const plan = await client.fleetPlan(document);
  assert.equal(plan.accounts[0].actions[0].status, 'planned');
  const report = await client.fleetApply(document, { plan, concurrency: 2, routes: true });
  assert.deepEqual([report.summary.changed, report.accounts[7].routes.now.url], [COUNT, URL]);
  assert.equal((await client.fleetAudit(document)).summary.in_sync, COUNT);
  const { document: exported } = await client.fleetExport({ accounts });
  assert.equal((await client.fleetPlan(exported)).summary.in_sync, COUNT);
});

test('progress is an event for each account, also for who iterates late or twice', async (t) => {
  const { client, document } = await fleet(t);
  const apply = client.fleetApply(document);
  const done = [];
  for await (const event of apply) done.push(event.done);
  assert.deepEqual(done, Array.from({ length: COUNT }, (_, index) => index + 1));
  assert.equal((await apply).summary.changed, COUNT);
  let again = 0;
  for await (const event of apply) again += event.total === COUNT ? 1 : 0;
  assert.equal(again, COUNT);
});

test('a loop over progress may be left; the call goes on', async (t) => {
  const { client, document } = await fleet(t);
  const apply = client.fleetApply(document);
  for await (const event of apply) if (event.done === 3) break;
  assert.equal((await apply).summary.changed, COUNT);
});

test('a signal ends a fleet call, and its report says what was done', async (t) => {
  const { client, document } = await fleet(t);
  const controller = new AbortController();
  const apply = client.fleetApply(document, { signal: controller.signal, concurrency: 1, requests_per_second: 400 });
  while ((await client.customerWebhookGet('k5')).url !== URL);
  controller.abort();
  const error = await failure(apply);
  assert.ok(error instanceof Cancelled);
  assert.equal(error.report.accounts.length, COUNT);
  const written = error.report.accounts.filter(({ actions }) => actions[0]?.outcome === 'applied').map(({ name }) => name);
  assert.ok(written.length > 0 && written.length < COUNT);
  for (const { name, api_key } of document.accounts) {
    assert.equal((await client.customerWebhookGet(api_key)).url, written.includes(name) ? URL : undefined);
  }
});

test('a failure is thrown once the call is awaited, and ends the loop', async (t) => {
  const { client } = await fleet(t);
  const plan = client.fleetPlan({ accounts: [{ name: 'a' }] });
  for await (const event of plan) assert.fail(JSON.stringify(event));
  const error = await failure(plan);
  assert.ok(error instanceof InvalidRequest);
  assert.equal(error.path, '/accounts/0');
});

test('more changes than max_changes are a conflict with the plan', async (t) => {
  const { client, document } = await fleet(t);
  const error = await failure(client.fleetApply(document, { max_changes: COUNT - 1 }));
  assert.ok(error instanceof Conflict);
  assert.equal(error.report.accounts.length, COUNT);
});

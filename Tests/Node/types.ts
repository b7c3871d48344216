// SPDX-License-Identifier: Apache-2.0
// What must, and what must not, pass the type check.
import { Client, Cancelled, Timeout, signatureSign } from 'd360webhook';
async function main() {
  const client: Client = await Client.open('sqlite::memory:', { timeout_ms: 1 });
  const c = client.channel('k');
  const own = await c.customerWebhookGet({ signal: new AbortController().signal });
  const url: string | null | undefined = own.url;
  await client.multiWebhookAppend('k', { destinations: [{ name: 'a', url: 'b' }] });
  await c.multiWebhookDelete('x', {});
  const run = client.fleetApply({ accounts: [] }, { probe: true });
  for await (const event of run) event.done.toFixed();
  (await run).summary.accounts.toFixed();
  try { await client.close() } catch (e) { if (e instanceof Cancelled) e.outcome }
  await client[Symbol.asyncDispose]();
  // @ts-expect-error
  await c.customerWebhookSet('x');
  // @ts-expect-error
  await client.customerWebhookGet();
}

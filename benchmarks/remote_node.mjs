// SPDX-License-Identifier: Apache-2.0
// remote_node.mjs d360webhook|fetch BASE-URL API-KEY WIDTH: GET /multi_webhook, WIDTH at once. It takes the commands of rounds.py.
import { createInterface } from 'node:readline';

const [name, url, key, width] = process.argv.slice(2);

const readers = {
  async d360webhook() {
    const { default: d360webhook } = await import('../bindings/node/index.mjs');
    const channel = new d360webhook.Client(url, { timeout_ms: 300_000 }).channel(key);
    return () => channel.multiWebhookGet();
  },
  // Node's own client, undici; it keeps connections.
  async fetch() {
    return async () => {
      const response = await fetch(`${url}/multi_webhook`, { headers: { 'D360-API-KEY': key } });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return response.json();
    };
  },
};

const read = await readers[name]();

async function run(count) {
  for (let left = count; left > 0; left -= width) {
    const answers = await Promise.all(Array.from({ length: Math.min(left, width) }, read));
    if (answers.some((answer) => answer.enabled !== true)) throw new Error(`${name} read something else`);
  }
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const begun = process.hrtime.bigint();
  await run(Number(line.split(' ')[1]));
  console.log(String(process.hrtime.bigint() - begun));
}
process.exit(0);

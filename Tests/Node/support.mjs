// SPDX-License-Identifier: Apache-2.0
// What the tests share. D360_TEST_SERVICE is the URL of a daemon, D360_TEST_KEYS what the keys of its numbers begin with.
import { Client } from 'd360webhook';

export const KEY = 'key-of-berlin';
export const URL = 'https://hooks.example.com/main';
export const SERVICE = process.env.D360_TEST_SERVICE;

let channels = 0;

/** A client of an embedded service with one channel; closed at the end of the test. */
export async function memory(t, options) {
  const client = await Client.open('sqlite::memory:', options);
  t.after(() => client.close());
  await client.channelRegister({ phone_number_id: '106540352242922', waba_id: 123065260884961, api_key: KEY });
  return client;
}

/** A client of the daemon, and the key of a number that only this test has. */
export function remote(t) {
  const client = new Client(SERVICE);
  t.after(() => client.close());
  channels += 1;
  return { client, key: `${process.env.D360_TEST_KEYS}-${channels}` };
}

/** What a promise was rejected with. */
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('the call succeeded');
}

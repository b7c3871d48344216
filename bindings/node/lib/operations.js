// SPDX-License-Identifier: Apache-2.0
'use strict';

const { request, text } = require('./call.js');

const key = (apiKey) => ({ first: text(apiKey, 'apiKey') });
const nothing = () => ({});

// The operations of a number, each once: the library's name, and what its arguments become. A Channel binds the first argument.
// The last argument of each method is its options, of which `signal` is taken out.
const channel = {
  multiWebhookGet: ['multi_webhook_get', 1, key],
  multiWebhookSet: ['multi_webhook_set', 2, keyAndRequest],
  multiWebhookAppend: ['multi_webhook_append', 2, keyAndRequest],
  multiWebhookUpdate: ['multi_webhook_update', 2, keyAndRequest],
  multiWebhookDelete: ['multi_webhook_delete', 2, (apiKey, name) => ({ ...key(apiKey), second: text(name, 'name') })],
  customerWebhookGet: ['customer_webhook_get', 1, key],
  customerWebhookSet: ['customer_webhook_set', 2, keyAndRequest],
  wabaWebhookGet: ['waba_webhook_get', 1, key],
  wabaWebhookSet: ['waba_webhook_set', 2, keyAndRequest],
  wabaWebhookWait: ['waba_webhook_wait', 2, keyRequestAndTime],
};

// Those of an embedded service's channels.
const service = {
  channelRegister: ['channel_register', 1, (one) => ({ first: request(one, 'channel') })],
  channelList: ['channel_list', 0, nothing],
  channelRemove: ['channel_remove', 1, (id) => ({ first: text(id, 'phoneNumberId') })],
};

const fleet = {
  fleetPlan: 'fleet_plan',
  fleetApply: 'fleet_apply',
  fleetAudit: 'fleet_audit',
  fleetExport: 'fleet_export',
};

function keyAndRequest(apiKey, one) {
  return { ...key(apiKey), second: request(one, 'request') };
}

function keyRequestAndTime(apiKey, webhook, { timeout_ms = 30_000 } = {}) {
  if (!Number.isSafeInteger(timeout_ms)) throw new TypeError('timeout_ms must be an integer');
  return { ...keyAndRequest(apiKey, webhook), milliseconds: timeout_ms };
}

module.exports = { channel, fleet, service };

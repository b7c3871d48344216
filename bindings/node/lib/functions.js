// SPDX-License-Identifier: Apache-2.0
'use strict';

const { answered, request, text } = require('./call.js');
const errors = require('./errors.js');
const json = require('./json.js');
const native = require('./native.js');

function webhookValidate(webhook, options = {}) {
  const [status, report] = native.validate(request(webhook, 'webhook'), request(options, 'options'));
  const checked = report === null ? {} : json.parse(report);
  return 'valid' in checked ? checked : answered([status, report]);
}

function signatureSign(secret, body) {
  const [status, signature] = native.sign(text(secret, 'secret'), bytes(body));
  check(status);
  return signature;
}

function signatureVerify(secret, body, signature) {
  check(native.verify(text(secret, 'secret'), bytes(body), text(signature, 'signature')));
}

const messages = {
  D360_INVALID_ARGUMENT: 'secret must not be empty',
  D360_SIGNATURE_MISMATCH: 'the signature is not of this body under this secret',
};

function check(status) {
  const name = native.statusName(status);
  if (status !== 0) throw errors.made(status, messages[name] ?? name);
}

// A string is signed as its UTF-8, which is what an HTTP server received unless it was parsed and written again.
function bytes(body) {
  if (typeof body === 'string') return Buffer.from(body);
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError('body must be a Buffer, a Uint8Array or a string');
}

module.exports = { signatureSign, signatureVerify, version: native.version, webhookValidate };

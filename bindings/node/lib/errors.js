// SPDX-License-Identifier: Apache-2.0
'use strict';

const native = require('./native.js');

/** A call failed. The members are those of the library's error document, `document`. */
class D360Error extends Error {
  constructor(document, options) {
    super(document.message, options);
    this.status = document.status;
    this.code = document.code;
    this.path = document.path;
    this.httpStatus = document.http_status;
    this.retryable = document.retryable;
    this.outcome = document.outcome;
    this.attempts = document.attempts;
    this.serviceMessage = document.service_message;
    this.lastSeen = document.last_seen;
    this.report = document.report;
    Object.defineProperty(this, 'document', { value: document });
  }
}
Object.defineProperty(D360Error.prototype, 'name', { value: 'D360Error' });

// One class for each status, named after it, by the status's number.
const names = [
  'InvalidArgument', 'MalformedJSON', 'InvalidRequest', 'Unauthorized', 'NotFound', 'Conflict', 'NotEnabled', 'LimitExceeded',
  'RateLimited', 'Timeout', 'NetworkError', 'TLSError', 'ServiceError', 'ProtocolError', 'OutcomeUnknown', 'StorageError',
  'Cancelled', 'Unsupported', 'SignatureMismatch', 'OutOfMemory', 'InternalError',
];
const classes = names.map((name) => {
  const one = { [name]: class extends D360Error {} }[name];
  Object.defineProperty(one.prototype, 'name', { value: name });
  return one;
});

/** The error of a document, the object under "error", of the class of its status. */
function error(document, options) {
  return new (classes[document.code - 1] ?? D360Error)(document, options);
}

/** The error of a call that this package itself rejects, or that has no error document for want of memory. */
function made(code, message, { outcome = 'not_applied', cause } = {}) {
  const status = native.statusName(code);
  return error({ status, code, message, retryable: false, outcome, attempts: 0 }, cause === undefined ? undefined : { cause });
}

module.exports = { D360Error, error, made, ...Object.fromEntries(names.map((name, index) => [name, classes[index]])) };

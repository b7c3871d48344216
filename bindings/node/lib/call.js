// SPDX-License-Identifier: Apache-2.0
'use strict';

const errors = require('./errors.js');
const json = require('./json.js');
const native = require('./native.js');

const INVALID_ARGUMENT = 1;
const CANCELLED = 17;

/** What a call ended with: its answer, or its error is thrown. */
function answered([status, text], cause) {
  if (status === 0) return text === null ? undefined : json.parse(text);
  if (text === null) throw errors.made(status, native.statusName(status), { outcome: 'unknown', cause });
  throw errors.error(json.parse(text).error, cause === undefined ? undefined : { cause });
}

/** One call of a client in flight. */
class Call {
  #job;
  #stopped = false;
  #cause;

  /** Ends the call with Cancelled; the cause is given. */
  stop(cause) {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cause = cause;
    if (this.#job) native.stop(this.#job);
  }

  /** Runs the operation on the client that `opened` resolves to. */
  async run(opened, operation, { first = null, second = null, milliseconds = 0, progress, line, signal }) {
    const stop = () => this.stop(signal.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const client = await opened;
      if (this.#stopped) throw errors.made(CANCELLED, 'the call was cancelled before it began', { cause: this.#cause });
      const result = await new Promise((resolve) => {
        this.#job = native.start(client, operation, first, second, milliseconds, resolve, progress, line);
      });
      return answered(result, this.#cause);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }
}

/** A text that C can take. */
function text(value, name) {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
  if (/\0|\p{Surrogate}/u.test(value)) throw errors.made(INVALID_ARGUMENT, `${name} must not contain U+0000 or half a surrogate pair`);
  return value;
}

/** The JSON of a request or of options. */
function request(value, name) {
  if (value === null || typeof value !== 'object') throw new TypeError(`${name} must be an object`);
  return json.stringify(value);
}

module.exports = { Call, INVALID_ARGUMENT, answered, request, text };

// SPDX-License-Identifier: Apache-2.0
'use strict';

const { Call, INVALID_ARGUMENT, answered, request, text } = require('./call.js');
const errors = require('./errors.js');
const { FleetCall } = require('./fleet-call.js');
const native = require('./native.js');
const operations = require('./operations.js');

// Node 18 has the symbol under this name before it has Symbol.asyncDispose.
const asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
const start = Symbol('start');

/** A client of one service. index.d.ts describes the methods. */
class Client {
  #url;
  #opened;
  #calls = new Map();
  #log;
  #closed;

  /** `opened` is for derive: a promise of the addon's client. */
  constructor(url, options = {}, opened = open(text(url, 'url'), request(options, 'options'))) {
    this.#url = url;
    this.#opened = opened;
    opened.catch(() => {}); // Each call throws it.
  }

  static async open(url, options) {
    const client = new Client(url, options);
    await client.#opened;
    return client;
  }

  get url() {
    return this.#url;
  }

  get closed() {
    return this.#closed !== undefined;
  }

  channel(apiKey) {
    return new Channel(this, apiKey);
  }

  derive(options = {}) {
    this.#mustBeOpen();
    const given = request(options, 'options');
    return new Client(this.#url, {}, this.#opened.then((client) => handle(native.derive(client, given))));
  }

  setLog(log) {
    this.#mustBeOpen();
    if (log != null && typeof log !== 'function') throw new TypeError('log must be a function or null');
    this.#log = log ?? undefined;
  }

  async cancel(reason) {
    for (const call of this.#calls.keys()) call.stop(reason);
    await Promise.allSettled(this.#calls.values());
  }

  close() {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  [asyncDispose]() {
    return this.close();
  }

  /** Begins a call of the library's function d360_{operation}; `prepare` returns its arguments. */
  async [start](operation, prepare, { signal } = {}) {
    this.#mustBeOpen();
    const call = new Call();
    const line = this.#log && ((level, message) => this.#log?.(level, message));
    const promise = call.run(this.#opened, operation, { ...prepare(), line, signal });
    this.#calls.set(call, promise);
    try {
      return await promise;
    } finally {
      this.#calls.delete(call);
    }
  }

  async #end() {
    await this.cancel();
    const client = await this.#opened.catch(() => undefined);
    if (client) await new Promise((resolve) => native.close(client, resolve));
  }

  #mustBeOpen() {
    if (this.#closed) throw errors.made(INVALID_ARGUMENT, 'the client is closed');
  }
}

/** One phone number: a client's methods with the number's key. */
class Channel {
  #client;
  #apiKey;

  constructor(client, apiKey) {
    this.#client = client;
    this.#apiKey = text(apiKey, 'apiKey');
  }

  get client() {
    return this.#client;
  }

  static {
    for (const name of Object.keys(operations.channel)) {
      method(Channel, name, function (...given) {
        return this.#client[name](this.#apiKey, ...given);
      });
    }
  }
}

for (const [name, [operation, count, prepare]] of Object.entries({ ...operations.channel, ...operations.service })) {
  method(Client, name, function (...given) {
    return this[start](operation, () => prepare(...given), given[count]);
  });
}
for (const [name, operation] of Object.entries(operations.fleet)) {
  method(Client, name, function (document, { signal, ...options } = {}) {
    const prepare = (progress) => ({ first: request(document, 'document'), second: request(options, 'options'), progress });
    return new FleetCall((progress) => this[start](operation, () => prepare(progress), { signal }));
  });
}

function method(owner, name, value) {
  Object.defineProperty(value, 'name', { value: name });
  Object.defineProperty(owner.prototype, name, { value, writable: true, configurable: true });
}

function handle([status, client]) {
  return status === 0 ? client : answered([status, client]);
}

async function open(url, options) {
  return handle(await new Promise((resolve) => native.open(url, options, resolve)));
}

module.exports = { Channel, Client };

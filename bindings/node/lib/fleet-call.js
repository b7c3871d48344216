// SPDX-License-Identifier: Apache-2.0
'use strict';

const json = require('./json.js');

/** A fleet call that runs: a promise of its report, and an async iterable of its progress. */
class FleetCall {
  #report;
  #events = [];
  #isOver = false;
  #waiting = [];

  constructor(begin) {
    this.#report = begin((text) => this.#add(text));
    const end = () => {
      this.#isOver = true;
      this.#wake();
    };
    this.#report.then(end, end);
  }

  #add(text) {
    this.#events.push(json.parse(text));
    this.#wake();
  }

  #wake() {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  then(...handlers) {
    return this.#report.then(...handlers);
  }

  catch(handler) {
    return this.#report.catch(handler);
  }

  finally(handler) {
    return this.#report.finally(handler);
  }

  get [Symbol.toStringTag]() {
    return 'FleetCall';
  }

  /** Each iteration begins with the first event. It ends when the call does; a failure is thrown by awaiting the call. */
  async *[Symbol.asyncIterator]() {
    for (let next = 0; ; next += 1) {
      while (next >= this.#events.length) {
        if (this.#isOver) return;
        await new Promise((resolve) => this.#waiting.push(resolve));
      }
      yield this.#events[next];
    }
  }
}

module.exports = { FleetCall };

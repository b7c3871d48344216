// SPDX-License-Identifier: Apache-2.0
'use strict';

const { randomUUID } = require('node:crypto');

// Identifiers such as waba_id have 64 bits. JSON.parse would round an integer beyond 2^53; it becomes a BigInt here, and a BigInt
// is written as an integer. On the way it is a string with a mark that no other text has.
const mark = `bigint ${randomUUID()} `;
const stringsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const marked = new RegExp(`"${mark}(-?\\d+)"`, 'g');

const isLargeInteger = (token) => /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));

function parse(text) {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const withMarks = text.replace(stringsAndNumbers, (token) => (isLargeInteger(token) ? `"${mark}${token}"` : token));
  return JSON.parse(withMarks, (_, value) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

function stringify(value) {
  let hasLarge = false;
  const text = JSON.stringify(value, (_, member) => {
    if (typeof member !== 'bigint') return member;
    hasLarge = true;
    return mark + member;
  });
  return hasLarge ? text.replace(marked, '$1') : text;
}

module.exports = { parse, stringify };

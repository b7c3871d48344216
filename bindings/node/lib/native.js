// SPDX-License-Identifier: Apache-2.0
'use strict';

// The addon of this system; the library is in the same folder.
const { platform, arch } = process;
try {
  module.exports = require(`../prebuilt/${platform}-${arch}/d360webhook.node`);
} catch (cause) {
  const message = `d360webhook cannot be loaded on ${platform}-${arch}; it is built for linux-x64 with glibc (${cause.message})`;
  throw new Error(message, { cause });
}

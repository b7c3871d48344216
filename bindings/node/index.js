// SPDX-License-Identifier: Apache-2.0
'use strict';

const { error, made, ...errors } = require('./lib/errors.js');

module.exports = { ...require('./lib/client.js'), ...errors, ...require('./lib/functions.js') };

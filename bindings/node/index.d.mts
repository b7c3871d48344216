// SPDX-License-Identifier: Apache-2.0
export * from './index.js';
import * as d360webhook from './index.js';
export default d360webhook;

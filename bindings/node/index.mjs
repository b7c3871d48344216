// SPDX-License-Identifier: Apache-2.0
import d360webhook from './index.js';

export default d360webhook;
export const {
  Cancelled, Channel, Client, Conflict, D360Error, InternalError, InvalidArgument, InvalidRequest, LimitExceeded, MalformedJSON,
  NetworkError, NotEnabled, NotFound, OutOfMemory, OutcomeUnknown, ProtocolError, RateLimited, ServiceError, SignatureMismatch,
  StorageError, TLSError, Timeout, Unauthorized, Unsupported, signatureSign, signatureVerify, version, webhookValidate,
} = d360webhook;

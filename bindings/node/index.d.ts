// SPDX-License-Identifier: Apache-2.0

// Before TypeScript 5.2 its own library does not know this symbol.
declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

export type URLPolicy = 'cloud' | 'local' | 'none';
export type Outcome = 'not_applied' | 'applied' | 'unknown';
/** An integer of 64 bits. JavaScript's numbers are exact up to 2^53; a greater one is a bigint. */
export type Identifier = number | bigint;
export type Headers = Record<string, string>;

/** Options of a client and of the clients derived from it. */
export interface DeriveOptions {
  /** Milliseconds of a whole operation, retries included. Default 30000. */
  timeout_ms?: number;
  /** Milliseconds of one connection attempt. Default 10000. */
  connect_timeout_ms?: number;
  /** Default 4; 1 turns retries off. */
  max_attempts?: number;
  /** Bytes of an answer after decompression. Default 1048576. */
  max_response_bytes?: number;
  /** Rules for webhook URLs. Default "cloud", the service's; "local" allows http, ports and IP addresses, for tests. */
  url_policy?: URLPolicy;
}

/** Options of a client. Options of the other kind of service are validated and then ignored. */
export interface ClientOptions extends DeriveOptions {
  /** A file of PEM certificates instead of the system's. */
  ca_file?: string;
  /** Default: the environment's, such as HTTPS_PROXY; "" for none. */
  proxy?: string;
  /** Put before the library's own. */
  user_agent?: string;
  /** Allows plain HTTP beyond loopback. Default false. */
  allow_insecure_http?: boolean;
  /** Embedded service: destinations of one number. Default 3. */
  max_destinations?: number;
  /** Embedded service: how long a WABA webhook takes to apply. Default 0. */
  apply_delay_ms?: number;
  /** Embedded service: how long a change of destinations takes to show. Default 0. */
  multi_apply_delay_ms?: number;
  /** Embedded service: how readings look. Default "specification". */
  answers?: 'specification' | 'observed' | 'not_found';
}

export interface CallOptions {
  /** Ends the call with Cancelled, within 100 ms; `cause` is the signal's reason. */
  signal?: AbortSignal;
}

export interface Webhook {
  url: string;
  headers?: Headers;
}
export interface WABAWebhookRequest extends Webhook {
  /** true removes the own webhooks of all numbers of the account. */
  override_all?: boolean;
}
export interface Destination extends Webhook {
  name: string;
}
export interface DestinationChange {
  name: string;
  url?: string;
  /** Replaces all headers. */
  headers?: Headers;
}

export interface Message {
  message: string;
}
/** Members may be missing or null; null means the same. */
export interface MultiWebhook {
  enabled?: boolean | null;
  destinations?: Array<{ name: string; url: string; headers?: Headers | null }> | null;
}
/** Without a webhook, url is missing or null. Some services do not show headers. */
export interface CustomerWebhook {
  url?: string | null;
  headers?: Headers | null;
}
export interface WABAWebhook extends CustomerWebhook {
  waba_id?: Identifier | null;
  numbers_on_this_waba?: string[] | null;
}
export interface RegisteredChannel {
  phone_number_id: string;
  phone_number?: string;
  waba_id: Identifier;
}
/** waba_id and api_key are required the first time. */
export interface ChannelRegistration {
  phone_number_id: string;
  phone_number?: string;
  waba_id?: Identifier;
  api_key?: string;
}

export type Section = 'customer_webhook' | 'waba_webhook' | 'multi_webhook';
/** A URL and its headers, or the name of one of the document's `webhooks`. */
export type UsedWebhook = Webhook | { use: string };
export interface Sections {
  /** null: the number has no webhook of its own. */
  customer_webhook?: UsedWebhook | null;
  waba_webhook?: UsedWebhook & { override_all?: boolean };
  multi_webhook?: { enabled?: boolean; prune?: boolean; destinations?: Array<UsedWebhook & { name: string }> };
}
export interface FleetKey {
  name: string;
  api_key: string;
}
export interface FleetAccount extends FleetKey, Sections {
  profile?: string;
  expect?: { waba_id?: Identifier; number?: string };
}
export interface FleetDocument {
  webhooks?: Record<string, Webhook>;
  profiles?: Record<string, Sections>;
  accounts: FleetAccount[];
}
export interface FleetOptions extends CallOptions {
  concurrency?: number;
  requests_per_second?: number;
  only?: string[];
  routes?: boolean;
  wait_ms?: number;
  allow_unlisted?: boolean;
  force?: Section[];
  plan?: FleetReport;
  max_changes?: number;
  max_failures?: number;
  probe?: boolean;
  probe_secret?: string;
}
export interface FleetEvent {
  done: number;
  total: number;
  name: string;
  status: string;
  actions: number;
}
export interface Finding {
  code: string;
  severity: 'error' | 'warning' | 'info';
  message: string;
  path: string;
  expected: unknown;
  actual: unknown;
  remedy: 'apply' | 'plan' | 'probe' | 'edit' | null;
}
export interface FleetAction {
  operation: string;
  destinations?: string[];
  overrides?: string[];
  status: string;
  outcome?: Outcome;
  changes: Array<{ path: string; [member: string]: unknown }>;
}
export interface Route {
  main: 'customer_webhook' | 'waba_webhook' | null;
  url: string | null;
  destinations: Array<{ name: string; url: string }>;
}
export interface FleetRow {
  name: string;
  number: string | null;
  waba_id: Identifier | null;
  status: string;
  in_sync: boolean;
  losing_events: boolean | null;
  digest: string | null;
  actions: FleetAction[];
  findings: Finding[];
  error: ErrorDocument | null;
  routes?: { now: Route; wanted: Route };
}
export interface FleetReport {
  summary: {
    accounts: number;
    in_sync: number;
    changed: number;
    failed: number;
    unknown: number;
    skipped: number;
    losing_events: number;
    operations: number;
    findings: { error: number; warning: number; info: number };
  };
  accounts: FleetRow[];
}
export interface FleetExport {
  /** Contains keys and header values. */
  document: FleetDocument;
  report: FleetReport;
}

/** A fleet call that runs. Await it for its result; iterate over it for an event for each account with a final result. */
export interface FleetCall<T> extends Promise<T>, AsyncIterable<FleetEvent> {}

/** The operations of one number, for a client (with a key) and for a channel (without). */
interface Operations<Key extends unknown[]> {
  /** GET /multi_webhook: the destinations, and whether they are on. */
  multiWebhookGet(...given: [...Key, CallOptions?]): Promise<MultiWebhook>;
  /** POST /multi_webhook: turns multi-webhook on or off. Destinations are allowed only if this turns it on. */
  multiWebhookSet(...given: [...Key, { enabled: boolean; destinations?: Destination[] }, CallOptions?]): Promise<Message>;
  /** PUT /multi_webhook: appends destinations, all of them or none. */
  multiWebhookAppend(...given: [...Key, { destinations: Destination[] }, CallOptions?]): Promise<Message>;
  /** PATCH /multi_webhook: changes the URL of a destination, or its headers, or both. */
  multiWebhookUpdate(...given: [...Key, DestinationChange, CallOptions?]): Promise<Message>;
  /** DELETE /multi_webhook/{name}: removes a destination. */
  multiWebhookDelete(...given: [...Key, string, CallOptions?]): Promise<Message>;
  /** GET /v1/configs/webhook: the number's own webhook. */
  customerWebhookGet(...given: [...Key, CallOptions?]): Promise<CustomerWebhook>;
  /** POST /v1/configs/webhook: replaces the number's own webhook, headers included. */
  customerWebhookSet(...given: [...Key, Webhook, CallOptions?]): Promise<CustomerWebhook>;
  /** GET /waba_webhook: the webhook of the number's WhatsApp Business Account. */
  wabaWebhookGet(...given: [...Key, CallOptions?]): Promise<WABAWebhook>;
  /** POST /waba_webhook: replaces the account's webhook, headers included. It is applied within 15 to 20 seconds. */
  wabaWebhookSet(...given: [...Key, WABAWebhookRequest, CallOptions?]): Promise<Message>;
  /** Reads until the account's webhook is this one, and resolves to the last reading. Default of timeout_ms: 30000. */
  wabaWebhookWait(...given: [...Key, WABAWebhookRequest, (CallOptions & { timeout_ms?: number })?]): Promise<WABAWebhook>;
}

/**
 * A client of one service. Calls run on threads of the package's own: 128 at once, and 256 waits and fleet calls.
 *
 * url: https://waba-v2.360dialog.io, http://127.0.0.1:8360, sqlite:/var/lib/d360/w.db or sqlite::memory:. The service is opened
 * in the background: if that fails, each call rejects with the reason.
 */
export class Client {
  constructor(url: string, options?: ClientOptions);
  /** Opens a service, and rejects if that fails. */
  static open(url: string, options?: ClientOptions): Promise<Client>;
  readonly url: string;
  readonly closed: boolean;
  /** One phone number: the same methods without the key. */
  channel(apiKey: string): Channel;
  /** Another client of the same service with its own limits, cancel and log. Close both. */
  derive(options?: DeriveOptions): Client;
  /** Calls log for each line of the calls that begin from now on: 0 error, 1 warning, 2 info, 3 debug. null removes it. */
  setLog(log: ((level: 0 | 1 | 2 | 3, message: string) => void) | null): void;
  /** Ends the calls in flight with Cancelled, and resolves when they have ended. Later calls are not affected. */
  cancel(reason?: unknown): Promise<void>;
  /** Ends the calls in flight, waits for them and closes the client. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;

  /** Embedded services: adds a channel, or replaces the given members of a known one. */
  channelRegister(channel: ChannelRegistration, options?: CallOptions): Promise<Message>;
  /** Embedded services: the channels in the order of their registration, without keys. */
  channelList(options?: CallOptions): Promise<{ channels: RegisteredChannel[] }>;
  /** Embedded services: removes a channel with its configuration. */
  channelRemove(phoneNumberId: string, options?: CallOptions): Promise<Message>;

  /** Reports what fleetApply would do. Sends no write. */
  fleetPlan(document: FleetDocument, options?: FleetOptions): FleetCall<FleetReport>;
  /** Changes every account to match the document, and reads everything again. A second apply does nothing. */
  fleetApply(document: FleetDocument, options?: FleetOptions): FleetCall<FleetReport>;
  /** Reads every account and names what loses events and what differs from the document. Sends no write. */
  fleetAudit(document: FleetDocument, options?: FleetOptions): FleetCall<FleetReport>;
  /** Writes a document that describes the current configuration, from names and keys. */
  fleetExport(keys: { accounts: FleetKey[] }, options?: FleetOptions): FleetCall<FleetExport>;
}

export interface Client extends Operations<[apiKey: string]> {}

/** One phone number of a client. The client is closed, not the channel. */
export class Channel {
  private constructor();
  readonly client: Client;
}

export interface Channel extends Operations<[]> {}

export interface ErrorDocument {
  status: string;
  code: number;
  message: string;
  path?: string;
  http_status?: number;
  retryable: boolean;
  outcome: Outcome;
  attempts: number;
  service_message?: string;
  last_seen?: WABAWebhook | null;
  report?: FleetReport;
}

/** A call failed. Nothing in it contains a key, the value of a header or a secret. */
export class D360Error extends Error {
  /** "D360_CONFLICT" */
  readonly status: string;
  readonly code: number;
  /** JSON Pointer into the request, if one member is to blame. */
  readonly path?: string;
  /** Present if a service answered; so is serviceMessage, its own words. */
  readonly httpStatus?: number;
  /** The same call may succeed later. */
  readonly retryable: boolean;
  /** Whether anything was changed. */
  readonly outcome: Outcome;
  /** How often the operation was sent. 0: it was rejected before it was sent. */
  readonly attempts: number;
  readonly serviceMessage?: string;
  /** Of a Timeout of wabaWebhookWait: the webhook as it was last read. */
  readonly lastSeen?: WABAWebhook | null;
  /** Of a fleet call: what was done and what was not. */
  readonly report?: FleetReport;
  readonly document: ErrorDocument;
}
/** The call itself is wrong: an unknown option, an unknown kind of service URL, a closed client. */
export class InvalidArgument extends D360Error {}
/** JSON that is nested deeper than 64 levels. */
export class MalformedJSON extends D360Error {}
/** A request that breaks a rule, found here or by the service. */
export class InvalidRequest extends D360Error {}
/** The key is missing, wrong or may not do this. */
export class Unauthorized extends D360Error {}
/** No such destination, no such channel. */
export class NotFound extends D360Error {}
/** A name is taken, a key belongs to another number, a name twice in one request. */
export class Conflict extends D360Error {}
/** Multi-webhook is off. */
export class NotEnabled extends D360Error {}
/** Too many destinations; only from services that say our status. */
export class LimitExceeded extends D360Error {}
/** 429, attempts used up. */
export class RateLimited extends D360Error {}
/** No answer in time, and nothing was changed; of wabaWebhookWait: not applied yet. */
export class Timeout extends D360Error {}
/** Name, connection or transfer failed, and nothing was changed. */
export class NetworkError extends D360Error {}
/** The peer's certificate or the handshake. */
export class TLSError extends D360Error {}
/** 5xx, attempts used up, and nothing was changed. */
export class ServiceError extends D360Error {}
/** An answer that is not what the API documents. */
export class ProtocolError extends D360Error {}
/** A write was sent, its answer was lost, and it could not be settled. */
export class OutcomeUnknown extends D360Error {}
/** The embedded service's database: full, locked, corrupt, not ours. */
export class StorageError extends D360Error {}
/** By a signal, by cancel or by close. */
export class Cancelled extends D360Error {}
/** The service has no such operation. */
export class Unsupported extends D360Error {}
/** The signature is not of this body under this secret, or is malformed. */
export class SignatureMismatch extends D360Error {}
/** The C libraries could not allocate. */
export class OutOfMemory extends D360Error {}
/** A fault of the library. */
export class InternalError extends D360Error {}

/** The version of the library inside, such as "0.2.0". */
export const version: string;
/** Every problem of a webhook, not only the first. */
export function webhookValidate(
  webhook: Webhook,
  options?: { url_policy?: URLPolicy },
): { valid: boolean; problems: Array<{ path: string; message: string; rule: 'documented' | 'ours' }> };
/** The value of x-360dialog-signature for an event's body: 64 lowercase hexadecimal digits. */
export function signatureSign(secret: string, body: Uint8Array | string): string;
/** Returns if the signature is of this body under this secret, and throws SignatureMismatch if it is not. */
export function signatureVerify(secret: string, body: Uint8Array | string, signature: string): void;

// Faults: what went wrong outside of a command's merits. Outcomes are values, bugs are assertions.

/**
 * The registry of fault codes. `status` is the HTTP status a caller sees; `retryable` tells whether
 * the same call can succeed later without a change; `title` is the RFC 9457 title.
 */
export const faults = {
  bad_request: { status: 400, retryable: false, title: 'The request is malformed' },
  invalid_json: { status: 400, retryable: false, title: 'The body is not valid JSON' },
  idempotency_key_missing: { status: 400, retryable: false, title: 'Idempotency-Key is required' },
  idempotency_key_invalid: { status: 400, retryable: false, title: 'Idempotency-Key is malformed' },
  unauthenticated: { status: 401, retryable: false, title: 'Authentication is required' },
  forbidden: { status: 403, retryable: false, title: 'The caller is not entitled to this' },
  denied: { status: 403, retryable: false, title: 'Policy denied the command' },
  approval_required: {
    status: 403,
    retryable: false,
    title: 'Another person has to approve it first',
  },
  not_a_checker: { status: 403, retryable: false, title: 'The caller may not decide on this' },
  not_found: { status: 404, retryable: false, title: 'There is nothing at this address' },
  conflict: { status: 409, retryable: false, title: 'The resource is in another state' },
  approval_invalid: { status: 409, retryable: false, title: 'The approval is not one for this' },
  insufficient_points: { status: 409, retryable: false, title: 'The member has too few points' },
  body_too_large: { status: 413, retryable: false, title: 'The body is too large' },
  unsupported_media_type: { status: 415, retryable: false, title: 'Send application/json' },
  invalid_request: { status: 422, retryable: false, title: 'The request does not fit its schema' },
  too_many_items: { status: 422, retryable: false, title: 'The batch has too many items' },
  bundle_invalid: { status: 422, retryable: false, title: 'The policy bundle cannot be used' },
  model_runtime_missing: {
    status: 422,
    retryable: false,
    title: 'The model needs a runtime that is not installed',
  },
  model_invalid: { status: 422, retryable: false, title: 'The model cannot be used' },
  backtest_required: { status: 409, retryable: false, title: 'A back-test is required first' },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    title: 'The Idempotency-Key was used with another request',
  },
  quota_exceeded: { status: 429, retryable: true, title: 'The quota is used up for now' },
  countersignature_invalid: {
    status: 500,
    retryable: false,
    title: 'The command carries no valid countersignature',
  },
  internal: { status: 500, retryable: false, title: 'Something is broken on our side' },
  overloaded: { status: 503, retryable: true, title: 'The queue is full' },
  shutting_down: { status: 503, retryable: true, title: 'The server is stopping' },
  database_unavailable: { status: 503, retryable: true, title: 'The database is unavailable' },
  deadline_exceeded: { status: 503, retryable: true, title: 'The deadline passed' },
  rights_changed: { status: 503, retryable: true, title: 'Rights changed while the call ran' },
  data_folder_in_use: { status: 500, retryable: false, title: 'The data folder is in use' },
  port_in_use: { status: 500, retryable: false, title: 'The port is in use' },
  postgres_failed: { status: 500, retryable: false, title: 'PostgreSQL did not start' },
  postgres_version: { status: 500, retryable: false, title: 'PostgreSQL 18 is required' },
  migration_changed: { status: 500, retryable: false, title: 'An applied migration was changed' },
  database_too_new: { status: 500, retryable: false, title: 'The database is newer than the code' },
  keyring_invalid: { status: 500, retryable: false, title: 'The keyring cannot be used' },
  vault_unavailable: {
    status: 503,
    retryable: true,
    title: 'Personal values cannot be kept or read for now',
  },
  vault_damaged: { status: 500, retryable: false, title: 'The vault cannot read what it holds' },
  log_behind_head: {
    status: 500,
    retryable: false,
    title: 'The event log is behind a tree head that was already signed',
  },
  outcome_unknown: {
    status: 503,
    retryable: true,
    title: 'Whether it was carried out is not known yet',
  },
  core_approval_pending: {
    status: 409,
    retryable: true,
    title: 'The core waits for a checker of its own',
  },
  core_override_needed: {
    status: 409,
    retryable: false,
    title: 'The core warns, and somebody has to accept it',
  },
  core_failed: { status: 502, retryable: true, title: 'The core has failed' },
  core_refused: { status: 422, retryable: false, title: 'The core refuses it' },
  core_unavailable: { status: 503, retryable: true, title: 'The core does not answer just now' },
  core_operation_missing: { status: 501, retryable: false, title: 'The core cannot do this' },
  input_invalid: { status: 422, retryable: false, title: 'The input cannot be used' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type FaultCode = keyof typeof faults;

/** A thrown fault. `message` may be shown to the caller; `cause` never leaves the process. */
export class Fault extends Error {
  readonly code: FaultCode;
  /** Extension members of the problem document: public, small, never personal. */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(
    code: FaultCode,
    message: string,
    options: { cause?: unknown; detail?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.detail = options.detail ?? {};
  }

  get retryable(): boolean {
    return faults[this.code].retryable;
  }
}

/** What does not fit its schema, with each place (RFC 6901) and what is wrong there. */
export function invalidRequest(
  errors: readonly { readonly pointer: string; readonly detail: string }[],
  cause?: unknown,
): Fault {
  return new Fault('invalid_request', 'the request does not fit its schema', {
    cause,
    detail: { errors },
  });
}

/** Refuses a request for one of its fields, where a schema cannot tell. */
export function refuseField(pointer: string, detail: string): never {
  throw invalidRequest([{ pointer, detail }]);
}

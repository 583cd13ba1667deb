// A write is a command: everything that its effects may depend on is fixed at ingress.
import { canonicalJson, type Json, sha256Hex } from './canonical.ts';
import type { Clock, Instant } from './clock.ts';
import { newUuid, type Uuid } from './id.ts';
import { type Principal, principalText } from './principal.ts';
import type { Random } from './random.ts';

export type Command<Body extends Json = Json> = {
  readonly id: Uuid;
  readonly tenant: string;
  readonly principal: Principal;
  /** The injected clock at ingress; nothing after it reads a clock. */
  readonly receivedAt: Instant;
  readonly idempotencyKey: string;
  readonly operation: string;
  readonly body: Body;
  /** RFC 8785 text of the body. */
  readonly bodyText: string;
  /** SHA-256 (hex) of tenant, operation and body: what a retry must match. */
  readonly digest: string;
  readonly traceId: string;
  /** Why it is asked, as the caller says. */
  readonly purpose?: string;
  /** The tenant's epoch when the principal's rights were read; absent when replayed. */
  readonly epoch?: bigint;
};

/** What the caller of a command supplies; the rest is drawn here. */
export type CommandInput<Body extends Json> = {
  readonly principal: Principal;
  readonly idempotencyKey: string;
  readonly operation: string;
  readonly body: Body;
  readonly traceId?: string;
  readonly purpose?: string;
  readonly epoch?: bigint;
};

export function newCommand<Body extends Json>(
  input: CommandInput<Body>,
  { clock, random }: { clock: Clock; random: Random },
): Command<Body> {
  const receivedAt = clock.now();
  const id = newUuid({ clock: { now: () => receivedAt }, random });
  return sealCommand({
    ...input,
    id,
    tenant: input.principal.tenant,
    receivedAt,
    traceId: input.traceId ?? id.replaceAll('-', ''),
  });
}

/** Adds the derived fields; replay uses it on what was recorded. */
export function sealCommand<Body extends Json>(
  fields: Omit<Command<Body>, 'bodyText' | 'digest'>,
): Command<Body> {
  const bodyText = canonicalJson(fields.body);
  return { ...fields, bodyText, digest: commandDigest({ ...fields, bodyText }) };
}

/** Whether the derived fields are those of the body: a command could have been put together. */
export function isWhole(command: Command): boolean {
  const { body, bodyText, digest } = command;
  return canonicalJson(body) === bodyText && commandDigest(command) === digest;
}

type Digested = Pick<Command, 'tenant' | 'operation' | 'bodyText'>;

/** What a retry must match, and what policy countersigns. */
export function commandDigest({ tenant, operation, bodyText }: Digested): string {
  return sha256Hex(lengthPrefixed([tenant, operation, bodyText]));
}

/** Joins fields so that no two lists of fields give the same text. */
export function lengthPrefixed(fields: readonly string[]): string {
  let text = '';
  for (const field of fields) text += `${field.length}:${field}`;
  return text;
}

/** The text over which policy countersigns: who asks what, when, under which key. */
export function commandFields(command: Command): string[] {
  return [
    command.id,
    command.tenant,
    principalText(command.principal),
    String(command.receivedAt),
    command.idempotencyKey,
    command.digest,
  ];
}

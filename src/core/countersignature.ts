// The countersignature: policy's mark on one exact command, without which money does nothing.
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import type { Instant } from './clock.ts';
import { type Command, commandFields, isWhole, lengthPrefixed } from './command.ts';
import { Fault } from './fault.ts';
import { externalId, type Uuid } from './id.ts';

/** A command that only asks: its decision is all that comes of it. */
export const decisionOperation = 'decision.make';

/** A call of a tool by an agent: a question whose answer is on record with it. */
export const toolCallOperation = 'tool.call';

export const decisionOutcomes = ['allow', 'deny', 'hold', 'review'] as const;

/** Sliding: the seconds before the posting. Calendar: the day, ISO week or month that it is in. */
export type LimitWindow =
  | { readonly kind: 'sliding'; readonly seconds: number }
  | {
      readonly kind: 'calendar';
      readonly unit: 'day' | 'week' | 'month';
      /** IANA name. */
      readonly time_zone: string;
    };

/** What a posting takes from a limit, or is refused for. */
export type Consume = {
  /** The id of the limit's definition: `card-daily-amount`. */
  readonly limit: string;
  /** Whose it is: `account:acc_…`, `tenant`, `merchant:…`. */
  readonly key: string;
  readonly window: LimitWindow;
  readonly measure: 'amount' | 'count';
  /** Minor units, or how many. */
  readonly amount: number;
  /** What may be used within the window, this posting included. */
  readonly cap: number;
  /** The leg of the command that takes it: what is released of that leg is given back. */
  readonly leg: number;
};

export type Decision = {
  readonly id: Uuid;
  readonly outcome: (typeof decisionOutcomes)[number];
  readonly policyVersion: string;
  /** Codes of the bundle's catalogue. */
  readonly reasons: readonly string[];
  /** The id of the model score that the decision has read, if any. */
  readonly modelScoreRef: string | null;
  /** The limits that the command takes from, in the order in which they are examined. */
  readonly consume: readonly Consume[];
};

declare const minted: unique symbol;

/** Made by `mint` alone, and verified again by money: a value of this type is not yet proof. */
export type Countersignature = {
  readonly decision: Decision;
  /** Until when the command may be posted, judged at the instant it was received. */
  readonly expiresAt: Instant;
  readonly keyId: string;
  /** HMAC-SHA256, base64. */
  readonly mac: string;
  readonly [minted]: true;
};

/** A command with the countersignature over it: the only thing that money accepts. */
export type Countersigned<C extends Command = Command> = {
  readonly command: C;
  readonly countersignature: Countersignature;
};

export type CountersignKeys = {
  readonly currentId: string;
  /**
   * The secret of a key id, or undefined for an id that the keyring does not know. A key object,
   * because making one of bytes costs more than the HMAC.
   */
  readonly secret: (keyId: string) => KeyObject | undefined;
};

export type Mint = (command: Command, decision: Decision, expiresAt: Instant) => Countersignature;

/**
 * Throws `countersignature_invalid` when the mark is not policy's over exactly this command. The
 * decision may be of any outcome: whoever acts on it looks at that.
 */
export type VerifyCountersignature = (item: Countersigned) => void;

export function countersigner(keys: CountersignKeys): Mint {
  return (command, decision, expiresAt) => {
    const keyId = keys.currentId;
    const mac = macOf(keys, keyId, command, decision, expiresAt)?.toString('base64');
    if (mac === undefined) throw new Fault('keyring_invalid', `there is no key ${keyId}`);
    return { decision, expiresAt, keyId, mac } as Countersignature;
  };
}

export function countersignatureVerifier(keys: CountersignKeys): VerifyCountersignature {
  return ({ command, countersignature }) => {
    const { decision, expiresAt, keyId, mac } = countersignature;
    const expected = macOf(keys, keyId, command, decision, expiresAt);
    const given = Buffer.from(mac, 'base64');
    const genuine =
      expected !== undefined &&
      given.length === expected.length &&
      timingSafeEqual(given, expected) &&
      isWhole(command) &&
      command.receivedAt <= expiresAt;
    if (!genuine) {
      throw new Fault(
        'countersignature_invalid',
        `command ${externalId('command', command.id)} carries no valid countersignature`,
      );
    }
  };
}

function macOf(
  keys: CountersignKeys,
  keyId: string,
  command: Command,
  decision: Decision,
  expiresAt: Instant,
): Buffer | undefined {
  const secret = keys.secret(keyId);
  if (secret === undefined) return undefined;
  const fields = [
    ...commandFields(command),
    decision.id,
    decision.outcome,
    decision.policyVersion,
    canonicalJson(decision.reasons),
    decision.modelScoreRef ?? '',
    canonicalJson(decision.consume),
    String(expiresAt),
  ];
  return createHmac('sha256', secret).update(lengthPrefixed(fields)).digest();
}
